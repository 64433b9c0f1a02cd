import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@flotilla/jobs/testing';
import { type ChildHub, startChildHub } from '@flotilla/jobs/testing/fixtures/child-hub';
import { call, type Hub, makeWorld, startHub, type World } from '@flotilla/jobs/testing/fixtures/world';
import { expect, test } from 'vitest';
import { withRedis } from '../engine/with-redis.ts';

const redis = withRedis();
/** Longer than a test may take: nothing is taken over because of it. */
const limits = { leaseMs: 60_000 };

/** A command in a process of its own that leaves a line, and ends when it is let go. */
async function begun(world: World): Promise<{ child: ChildHub; id: string; letGo(): void }> {
  const child = await startChildHub(world, limits);
  const [gate, effects] = [join(world.folder, 'gate'), join(world.folder, 'effects')];
  const cmd = `echo x >> ${effects}; while [ ! -e ${gate} ]; do sleep 0.05; done; exit 3`;
  const { id } = await child.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => read(effects) === 'x\n');
  return { child, id, letGo: () => writeFileSync(gate, '') };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function endsOnce(world: World, hub: Hub, id: string): Promise<void> {
  expect(await hub.runs.wait(id, 30_000)).toMatchObject({ state: 'failed', output: { exitCode: 3 } });
  expect(read(join(world.folder, 'effects'))).toBe('x\n');
}

test('a hub that starts after one was killed has its runs at once, long before their lease is over', async () => {
  const world = makeWorld();
  const { child, id, letGo } = await begun(world);
  child.kill('SIGKILL');
  await child.exited;
  letGo();
  await endsOnce(world, await startHub(world, { limits }), id);
});

test('so has one that was there before', async () => {
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
});
