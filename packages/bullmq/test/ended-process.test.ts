import { makeWorld, startHub } from '@flotilla/jobs/testing/fixtures/world';
import { test } from 'vitest';
import { begun, endsOnce, limits } from './engine/begun.ts';
import { withRedis } from './engine/with-redis.ts';

withRedis();

test('a hub that starts after one was killed has its runs at once, long before their lease is over', async () => {
  const world = makeWorld();
  const { child, id, letGo } = await begun(world);
  child.kill('SIGKILL');
  await child.exited;
  letGo();
  await endsOnce(world, await startHub(world, { limits }), id);
}, 60_000);
