import { startRedis, type TestRedis } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { queueEnv } from './queue.ts';

// Imported before suites, whose hubs then have their queue in this Redis.
let redis: TestRedis | undefined;
beforeAll(async () => {
  redis = await startRedis();
  queueEnv['FLOTILLA_REDIS_URL'] = redis.url;
});
afterAll(async () => {
  delete queueEnv['FLOTILLA_REDIS_URL'];
  await redis?.stop();
});
export const redisInUse = (): TestRedis => redis as TestRedis;
