import '@flotilla/jobs/testing/engine/real-host';
import { withRedis } from '../engine/with-redis.ts';

withRedis();
