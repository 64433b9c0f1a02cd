import '@flotilla/jobs/testing/engine/cancel';
import '@flotilla/jobs/testing/engine/faults/processes';
import { withRedis } from '../engine/with-redis.ts';

withRedis();
