import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StateStore } from '@flotilla/store';
import { expect, test } from 'vitest';
import { call, makeWorld, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

/** SQLite's own limit: the file cannot grow any more. */
function fill(store: StateStore, full: boolean): void {
  store.read((sql) => sql.get(`PRAGMA max_page_count = ${full ? 1 : 1_000_000}`));
}

test('a full disk refuses new runs with STORAGE_FULL, and they have no effect', async () => {
  const world = makeWorld();
  const hub = await startHub(world, { mayLog: /upkeep/ });
  const padding = 'x'.repeat(20_000);
  fill(hub.store, true);
  await expect(
    hub.runs.submit(call('exec', { alias: 'web1', cmd: `echo effect # ${padding}` })),
  ).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  fill(hub.store, false);
  expect(world.runner.kept('web1')).toEqual([]);
  expect(hub.list().total).toBe(0);
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'echo works again' }));
  expect(await hub.runs.wait(id, 10_000)).toMatchObject({ state: 'succeeded' });
});

test('an acknowledged run that ends while the disk is full ends when there is space again', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const hub = await startHub(world, { mayLog: /upkeep/ });
  const cmd = `while [ ! -e ${gate} ]; do sleep 0.01; done; seq 1 4000; exit 5`;
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => hub.store.read((sql) => sql.get('SELECT 1 FROM job_step WHERE acked = 1')));
  fill(hub.store, true);
  writeFileSync(gate, '');
  await until(() => hub.get(id).waitingFor?.includes('the state file'));
  expect(hub.get(id).state).toBe('running');
  fill(hub.store, false);
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({ state: 'failed', output: { exitCode: 5 } });
});

test('output that cannot be stored is fetched again when it can', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const hub = await startHub(world, { limits: { capturedBytes: 1000 } });
  const cmd = `while [ ! -e ${gate} ]; do sleep 0.01; done; seq 1 50000; exit 4`;
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd }));
  const inTheWay = join(world.folder, 'output', id);
  writeFileSync(inTheWay, '');
  writeFileSync(gate, '');
  await until(() => hub.get(id).waitingFor?.includes('the disk may be full'));
  expect(hub.get(id).state).toBe('running');
  rmSync(inTheWay);
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({ state: 'failed', output: { exitCode: 4 } });
  const expected = `${Array.from({ length: 50_000 }, (_, i) => i + 1).join('\n')}\n`;
  expect(readFileSync(join(inTheWay, 'exec@web1.1.stdout'), 'utf8')).toBe(expected);
});
