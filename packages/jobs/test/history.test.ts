import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLogger } from '@flotilla/core';
import { expect, test } from 'vitest';
import { createParts } from '../src/engine-assembly.ts';
import { applyRetention } from '../src/upkeep/retention.ts';
import { testCipher } from './fixtures/cipher.ts';
import { call, type Hub, makeWorld, someone, startHub, type World } from './fixtures/world.ts';

async function ended(hub: Hub, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    const request = call(n % 2 ? 'noop' : 'exec', { alias: `web${n}`, cmd: `exit ${n === 2 ? 1 : 0}`, n });
    const { id } = await hub.runs.submit(request);
    await hub.runs.wait(id, 10_000);
    ids.push(id);
  }
  return ids;
}

const partsOf = (world: World, hub: Hub, limits = {}, clock = Date.now) =>
  createParts({
    store: hub.store,
    runner: world.runner,
    cipher: testCipher(),
    log: silentLogger,
    outputDir: join(world.folder, 'output'),
    limits,
    clock,
  });

test('ended runs are found by state, host, tool, text and time, newest first, page by page', async () => {
  const hub = await startHub(makeWorld());
  const ids = await ended(hub, 6);
  const found = (query: Parameters<Hub['history']>[0]): string[] =>
    hub.history(query).runs.map((run) => run.id);
  expect(found({})).toEqual([...ids].reverse());
  expect(found({ states: ['failed'] })).toEqual([ids[2]]);
  expect(found({ alias: 'web3' })).toEqual([ids[3]]);
  expect(found({ tool: 'noop' })).toEqual([ids[5], ids[3], ids[1]]);
  expect(found({ text: 'EXIT 1' })).toEqual([ids[2]]);
  expect(found({ text: '%' })).toEqual([]);
  expect(found({ since: Date.now() + 1000 })).toEqual([]);
  expect(hub.history({ limit: 2, offset: 2 })).toMatchObject({
    total: 6,
    runs: [{ id: ids[3] }, { id: ids[2] }],
  });
  expect(hub.history({ alias: "web3' OR 1=1 --" }).total).toBe(0);
});

test('open runs are listed first come first, with why they wait', async () => {
  const hub = await startHub(makeWorld());
  const away = { lane: 'nobody' };
  const first = await hub.runs.submit(call('noop', { n: 1 }, { ...away, locks: ['k'] }));
  const second = await hub.runs.submit(call('noop', { n: 2 }, { ...away, locks: ['k'] }));
  const { runs, total } = hub.list();
  expect(total).toBe(2);
  expect(runs.map((run) => [run.id, run.state, run.waitingFor])).toEqual([
    [first.id, 'queued', undefined],
    [second.id, 'queued', `waiting for lock k held by ${first.id}`],
  ]);
  expect(hub.list({ states: ['running'] }).total).toBe(0);
  expect(hub.history().total).toBe(0);
  expect(() => hub.get('run_NONE')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
});

test('figures over all runs', async () => {
  const hub = await startHub(makeWorld());
  await ended(hub, 4);
  await hub.runs.submit(call('noop', { n: 99 }, { lane: 'nobody' }));
  expect(hub.stats()).toMatchObject({
    total: 5,
    byStatus: { succeeded: 3, failed: 1, queued: 1 },
    byType: { exec: 2, noop: 3 },
    successRate: 0.75,
    depth: 1,
    driver: { ok: true, name: 'embedded' },
  });
  expect(hub.stats().oldestWaitMs).toBeGreaterThanOrEqual(0);
  expect(hub.stats().avgDuration).toBeGreaterThanOrEqual(0);
});

test('figures of an empty history', async () => {
  const hub = await startHub(makeWorld());
  expect(hub.stats()).toMatchObject({ total: 0, avgDuration: null, successRate: null, oldestWaitMs: null });
});

test('history is limited by age and by number, open and interrupted runs stay', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const ids = await ended(hub, 6);
  const open = await hub.runs.submit(call('noop', { n: 7 }, { lane: 'nobody' }));
  await hub.store.write((sql) =>
    sql.run("UPDATE job_run SET state = 'interrupted' WHERE id = ?", [ids[0] ?? '']),
  );
  await applyRetention(partsOf(world, hub, { maxRuns: 3 }));
  expect(hub.history().runs.map((run) => run.id)).toEqual([ids[5], ids[4], ids[3], ids[0]]);
  await applyRetention(partsOf(world, hub, { retentionMs: 1000 }, () => Date.now() + 5000));
  expect(hub.history().runs.map((run) => run.id)).toEqual([ids[0]]);
  expect(hub.get(open.id).state).toBe('queued');
  expect(hub.store.read((sql) => sql.all('SELECT DISTINCT run FROM job_step'))).toEqual([{ run: ids[0] }]);
});

test('output files are limited by age and by size, oldest first; those of open runs stay', async () => {
  const world = makeWorld();
  const hub = await startHub(world, { limits: { capturedBytes: 100 } });
  const ids: string[] = [];
  for (let n = 0; n < 3; n++) {
    const { id } = await hub.runs.submit(
      call('exec', { alias: 'web1', cmd: `echo ${n}; head -c 5000 /dev/zero | tr '\\0' x` }),
    );
    await hub.runs.wait(id, 10_000);
    ids.push(id);
  }
  const open = await hub.runs.submit(call('noop', { n: 1 }, { lane: 'nobody' }));
  const folder = (id: string): string => join(world.folder, 'output', id);
  mkdirSync(folder(open.id));
  writeFileSync(join(folder(open.id), 'exec@web1.1.stdout'), 'x'.repeat(20_000));
  await applyRetention(partsOf(world, hub, { outputBytes: 31_000 }));
  expect([...ids, open.id].map((id) => existsSync(folder(id)))).toEqual([false, true, true, true]);
  expect(hub.output(ids[0] ?? '', { stream: 'stdout' }).streams[0]).toMatchObject({ removed: true });
  expect(hub.output(ids[0] ?? '').read?.text).toContain('bytes left out');
  await applyRetention(partsOf(world, hub, { outputRetentionMs: 1000 }, () => Date.now() + 5000));
  expect([...ids, open.id].map((id) => existsSync(folder(id)))).toEqual([false, false, false, true]);
});

test('purge removes what it is asked for, and a dry run nothing', async () => {
  const hub = await startHub(makeWorld());
  const ids = await ended(hub, 4);
  expect(await hub.purge({ states: ['failed'], dryRun: true })).toEqual({ count: 1, ids: [ids[2]] });
  expect(hub.history().total).toBe(4);
  expect(await hub.purge({ states: ['failed'] })).toMatchObject({ count: 1 });
  expect(await hub.purge({ endedBefore: 0 })).toEqual({ count: 0, ids: [] });
  expect(await hub.purge({})).toMatchObject({ count: 3 });
  expect(hub.history().total).toBe(0);
  await expect(hub.cancel(ids[0] ?? '', someone)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
