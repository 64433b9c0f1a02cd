import { redisInUse } from './with-redis.ts';
import '../missed.test.ts';
import '../overlap.test.ts';
import '../daylight-saving.test.ts';
import { expect, test } from 'vitest';

test('their tickets were in the Redis', async () => {
  expect(await redisInUse().command('KEYS', 'flotilla:*:events')).toMatch(/flotilla:/);
});
