import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@flotilla/core';
import { expect, test } from 'vitest';
import { createParts } from '../src/engine-assembly.ts';
import { Upkeep } from '../src/upkeep/upkeep.ts';
import { testCipher } from './fixtures/cipher.ts';
import { LocalRunner } from './fixtures/local-runner.ts';
import { call, type Hub, makeWorld, startHub, type World } from './fixtures/world.ts';
import { until } from './until.ts';

/** The upkeep of a process that executes nothing, as another hub would do it. */
async function upkeepOf(world: World, hub: Hub, clock = Date.now) {
  const parts = createParts({
    store: hub.store,
    runner: world.runner,
    cipher: testCipher(),
    log: silentLogger,
    outputDir: join(world.folder, 'output'),
    clock,
  });
  return new Upkeep(parts);
}

test('an open run that lost its ticket gets a new one, and its command still runs once', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const first = await startHub(world);
  const queued = await first.runs.submit(call('noop', { n: 1 }, { lane: 'nobody' }));
  const running = await first.runs.submit(
    call('exec', { alias: 'web1', cmd: `echo x >> ${effects}; sleep 0.3` }),
  );
  await first.stop();
  await first.store.write((sql) => sql.run('DELETE FROM job_ticket'));

  const hub = await startHub(world);
  expect(await hub.runs.wait(running.id, 15_000)).toMatchObject({ state: 'succeeded' });
  expect(readFileSync(effects, 'utf8')).toBe('x\n');
  await until(() => hub.store.read((sql) => sql.get("SELECT 1 FROM job_ticket WHERE lane = 'nobody'")));
  expect(hub.get(queued.id).state).toBe('queued');
});

test('a ticket without a run is dropped', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  await hub.store.write((sql) =>
    sql.run(
      "INSERT INTO job_ticket (id, lane) VALUES ('run_GONE.1', 'ssh-exec'), ('run_GONE.2', 'ssh-exec')",
    ),
  );
  await hub.runs.submit(call('noop', { n: 1 }));
  await until(() => hub.store.read((sql) => sql.all('SELECT 1 FROM job_ticket')).length === 0);
});

test('files on hosts of runs whose process died are removed by another, later', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  LocalRunner.switchOff(world.hosts, 'web2', undefined);
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'echo x' }));
  await hub.runs.wait(id, 10_000);
  await hub.stop();
  expect(world.runner.kept('web1')).toHaveLength(1);

  await (await upkeepOf(world, hub)).reconcile();
  expect(world.runner.kept('web1')).toHaveLength(1);
  await (await upkeepOf(world, hub, () => Date.now() + 61_000)).reconcile();
  expect(world.runner.kept('web1')).toHaveLength(0);
  expect(hub.output(id).read?.text).toBe('x\n');
  expect(hub.store.read((sql) => sql.all('SELECT remote FROM job_step'))).toEqual([{ remote: null }]);
});

test('an unreachable host does not keep the files of the others', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const { id } = await hub.runs.submit(call('fan', { aliases: ['web1', 'web2'], cmd: 'true' }));
  await hub.runs.wait(id, 10_000);
  await hub.stop();
  LocalRunner.switchOff(world.hosts, 'web1', 'refused');
  const later = () => Date.now() + 61_000;
  await (await upkeepOf(world, hub, later)).reconcile();
  expect([world.runner.kept('web1').length, world.runner.kept('web2').length]).toEqual([1, 0]);
  LocalRunner.switchOff(world.hosts, 'web1', undefined);
  await (await upkeepOf(world, hub, later)).reconcile();
  expect(world.runner.kept('web1')).toHaveLength(0);
});
