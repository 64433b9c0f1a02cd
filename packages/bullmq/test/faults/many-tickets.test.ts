import { driverLoad } from '@flotilla/jobs/testing';
import { startRedis, type TestRedis } from '@flotilla/testkit';
import { afterAll, beforeAll } from 'vitest';
import { bullmqHarness } from '../harness.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

driverLoad('bullmq', () => bullmqHarness(redis));
