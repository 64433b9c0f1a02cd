import { startRedis, type TestRedis } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { queueInRedis, REDIS_URL } from './queue.ts';

let redis: TestRedis;

/** The tests of this file run with their queue in a Redis. */
export function withRedis(): () => TestRedis {
  beforeAll(async () => {
    redis = await startRedis();
    process.env[REDIS_URL] = redis.url;
    queueInRedis();
  });
  afterAll(() => redis.stop());
  return () => redis;
}
