import '@flotilla/jobs/testing/engine/faults/kills';
import { withRedis } from '../engine/with-redis.ts';

withRedis();
