import '@flotilla/jobs/testing/engine/cancel';
import '@flotilla/jobs/testing/engine/processes';
import { withRedis } from './with-redis.ts';

withRedis();
