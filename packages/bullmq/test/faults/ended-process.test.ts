import { call, makeWorld, startHub } from '@flotilla/jobs/testing/fixtures/world';
import { expect, test } from 'vitest';
import { begun, endsOnce, limits } from '../engine/begun.ts';
import { withRedis } from '../engine/with-redis.ts';

const redis = withRedis();

test('a hub that was there when another one was killed has its runs long before their lease is over', async () => {
  const world = makeWorld();
  const { child, id, letGo } = await begun(world);
  const hub = await startHub(world, { limits });
  child.kill('SIGKILL');
  await child.exited;
  letGo();
  await endsOnce(world, hub, id);
}, 60_000);

test('a frozen process is not a dead one: what it holds stays its own', async () => {
  const world = makeWorld();
  const { child, id, letGo } = await begun(world);
  child.kill('SIGSTOP');
  const hub = await startHub(world, { limits });
  const other = await hub.runs.submit(call('exec', { alias: 'web2', cmd: 'echo other' }));
  expect(await hub.runs.wait(other.id, 30_000)).toMatchObject({ output: { stdout: 'other\n' } });
  const [job = ''] = (await redis().command('KEYS', `*:t-${id}*`)).match(/flotilla:\S+/g) ?? [];
  expect(await redis().command('HGET', job.replace(/:lock$/, ''), 'ats')).toBe('$1\r\n1\r\n');
  child.kill('SIGCONT');
  letGo();
  await endsOnce(world, hub, id);
}, 60_000);
