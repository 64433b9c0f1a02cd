import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startChildHub } from './fixtures/child-hub.ts';
import { call, makeWorld, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

test('a hub that starts after a kill attaches to the command of the dead one', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const dead = await startChildHub(world);
  const cmd = `echo begun; echo x >> ${effects}; sleep 0.5; echo ended; exit 3`;
  const { id } = await dead.submit(call('exec', { alias: 'web1', cmd }));
  dead.kill('SIGKILL');
  await dead.exited;

  const hub = await startHub(world);
  const run = await hub.runs.wait(id, 15_000);
  expect(run).toMatchObject({ state: 'failed', output: { exitCode: 3, stdout: 'begun\nended\n' } });
  expect(readFileSync(effects, 'utf8')).toBe('x\n');
});

test('a running peer adopts the runs of a killed one', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const hub = await startHub(world);
  const dead = await startChildHub(world);
  const cmd = `echo x >> ${effects}; sleep 1; echo late`;
  const { id } = await dead.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => hub.get(id).steps.length > 0);
  dead.kill('SIGKILL');
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({ state: 'succeeded', output: { stdout: 'late\n' } });
  expect(readFileSync(effects, 'utf8')).toBe('x\n');
});
