import { redisInUse } from './with-redis.ts';
import '../pipelines/run.test.ts';
import '../pipelines/undo.test.ts';
import '../pipelines/for-each.test.ts';
import '../pipelines/approval.test.ts';
import '../pipelines/locks.test.ts';
import '../pipelines/stop.test.ts';
import { expect, test } from 'vitest';

test('their tickets were in the Redis', async () => {
  expect(await redisInUse().command('KEYS', 'flotilla:*')).toMatch(/flotilla:/);
});
