import '@flotilla/jobs/testing/engine/adoption';
import '@flotilla/jobs/testing/engine/locks';
import '@flotilla/jobs/testing/engine/wait';
import '@flotilla/jobs/testing/engine/stopping';
import { withRedis } from '../engine/with-redis.ts';

withRedis();
