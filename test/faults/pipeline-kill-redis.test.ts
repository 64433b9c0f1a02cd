import { redisInUse } from '../support/with-redis.ts';
import './pipeline-kill.test.ts';
import { expect, test } from 'vitest';

test('their tickets were in the Redis', async () => {
  expect(await redisInUse().command('KEYS', 'flotilla:*:ssh-exec:events')).toMatch(/flotilla:/);
});
