import '@flotilla/jobs/testing/engine/steps';
import '@flotilla/jobs/testing/engine/interrupted';
import '@flotilla/jobs/testing/engine/questions';
import '@flotilla/jobs/testing/engine/submit';
import { withRedis } from '../engine/with-redis.ts';

withRedis();
