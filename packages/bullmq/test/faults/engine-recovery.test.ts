import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@flotilla/jobs/testing';
import { startChildHub } from '@flotilla/jobs/testing/fixtures/child-hub';
import { call, makeWorld, startHub, type World } from '@flotilla/jobs/testing/fixtures/world';
import { expect, test } from 'vitest';
import { withRedis } from '../engine/with-redis.ts';

const redis = withRedis();
/** What a hub may say while Redis is away. */
const mayLog = /./;

/** A command that leaves a line per execution and ends when the gate is there. */
function gated(world: World, name: string) {
  const gate = join(world.folder, `${name}.gate`);
  const effects = join(world.folder, `${name}.effects`);
  return {
    cmd: `echo x >> ${effects}; while [ ! -e ${gate} ]; do sleep 0.05; done; echo done; exit 3`,
    open: () => writeFileSync(gate, ''),
    effects: () => readFileSync(effects, 'utf8'),
  };
}

test('E19: Redis is emptied while one run goes and one waits: both end, each once', async () => {
  const world = makeWorld();
  const hub = await startHub(world, { mayLog, limits: { concurrency: 1 } });
  const [first, second] = [gated(world, 'first'), gated(world, 'second')];
  const going = await hub.runs.submit(call('exec', { alias: 'web1', cmd: first.cmd }));
  await until(() => hub.get(going.id).steps.length > 0);
  const waiting = await hub.runs.submit(call('exec', { alias: 'web2', cmd: second.cmd }));
  await redis().command('FLUSHALL');
  second.open();
  await until(() => hub.stats().driver.warnings?.length, 'the loss to be noticed');
  first.open();
  expect(await hub.runs.wait(going.id, 15_000)).toMatchObject({ state: 'failed', output: { exitCode: 3 } });
  expect(await hub.runs.wait(waiting.id, 15_000)).toMatchObject({ state: 'failed', output: { exitCode: 3 } });
  expect([first.effects(), second.effects()]).toEqual(['x\n', 'x\n']);
});

test('E19: Redis is killed while a run goes; it ends meanwhile, and one that is called then starts when Redis is back', async () => {
  const world = makeWorld();
  const hub = await startHub(world, { mayLog });
  const work = gated(world, 'work');
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: work.cmd }));
  await until(() => hub.get(id).steps.length > 0);
  await redis().kill();
  await until(() => !hub.stats().driver.ok);
  work.open();
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({ state: 'failed', output: { exitCode: 3 } });

  const accepted = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'echo next' }));
  expect(hub.get(accepted.id)).toMatchObject({
    state: 'queued',
    waitingFor: expect.stringContaining('waiting for the queue'),
  });
  await redis().start();
  expect(await hub.runs.wait(accepted.id, 30_000)).toMatchObject({ output: { stdout: 'next\n' } });
  expect(hub.list().runs).toEqual([]);
  expect(work.effects()).toBe('x\n');
});

test('E6: a hub is killed while Redis is away: another attaches when it is back', async () => {
  const world = makeWorld();
  const dying = await startChildHub(world);
  const work = gated(world, 'work');
  const { id } = await dying.submit(call('exec', { alias: 'web1', cmd: work.cmd }));
  const hub = await startHub(world, { mayLog });
  await until(() => hub.get(id).steps[0]?.state === 'running');
  await redis().kill();
  dying.kill('SIGKILL');
  await dying.exited;
  await redis().start();
  work.open();
  expect(await hub.runs.wait(id, 30_000)).toMatchObject({ state: 'failed', output: { exitCode: 3 } });
  expect(work.effects()).toBe('x\n');
}, 60_000);
