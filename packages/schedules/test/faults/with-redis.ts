import { startRedis, type TestRedis } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { REDIS_URL } from '../support/process.ts';

// Imported before suites, whose processes then have their queue in this Redis.
let redis: TestRedis | undefined;
beforeAll(async () => {
  redis = await startRedis();
  process.env[REDIS_URL] = redis.url;
});
afterAll(async () => {
  delete process.env[REDIS_URL];
  await redis?.stop();
});
export const redisInUse = (): TestRedis => redis as TestRedis;
