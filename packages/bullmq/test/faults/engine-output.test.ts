import '@flotilla/jobs/testing/engine/approvals';
import '@flotilla/jobs/testing/engine/output';
import '@flotilla/jobs/testing/engine/thin-path';
import { withRedis } from '../engine/with-redis.ts';

withRedis();
