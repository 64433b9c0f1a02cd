import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startChildHub } from './fixtures/child-hub.ts';
import { call, makeWorld, someone, startHub } from './fixtures/world.ts';

test('runs with one lock go one after the other, in order, over processes', async () => {
  const world = makeWorld();
  const log = join(world.folder, 'log');
  const [here, there] = [await startHub(world), await startChildHub(world)];
  const ids: string[] = [];
  for (let n = 0; n < 8; n++) {
    const cmd = `echo begin ${n} >> ${log}; sleep 0.05; echo end ${n} >> ${log}`;
    const request = call('exec', { alias: 'web1', cmd }, { locks: ['deploy:shop'] });
    ids.push((await (n % 2 ? here.runs : there).submit(request)).id);
  }
  for (const id of ids) expect((await here.runs.wait(id, 20_000)).state).toBe('succeeded');
  const expected = ids.map((_, n) => `begin ${n}\nend ${n}\n`).join('');
  expect(readFileSync(log, 'utf8')).toBe(expected);
});

test('several locks are taken together, without deadlock', async () => {
  const hub = await startHub(makeWorld());
  const keys = [['a', 'b'], ['b', 'a'], ['c', 'a'], ['b'], ['c']];
  const runs = await Promise.all(
    keys.map((locks, n) =>
      hub.runs.submit(call('exec', { alias: 'web1', cmd: `sleep 0.02; echo ${n}` }, { locks })),
    ),
  );
  for (const { id } of runs) expect((await hub.runs.wait(id, 15_000)).state).toBe('succeeded');
  expect(hub.store.read((sql) => sql.all('SELECT * FROM job_lock'))).toEqual([]);
});

test('other locks and runs without locks are not held up', async () => {
  const hub = await startHub(makeWorld());
  const first = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'sleep 30' }, { locks: ['a'] }));
  const blocked = await hub.runs.submit(call('noop', { n: 1 }, { locks: ['a'] }));
  const free = await hub.runs.submit(call('noop', { n: 2 }, { locks: ['b'] }));
  const plain = await hub.runs.submit(call('noop', { n: 3 }));
  expect((await hub.runs.wait(free.id, 10_000)).state).toBe('succeeded');
  expect((await hub.runs.wait(plain.id, 10_000)).state).toBe('succeeded');
  expect(hub.get(blocked.id).state).toBe('queued');
  await hub.cancel(first.id, someone);
  expect((await hub.runs.wait(blocked.id, 15_000)).state).toBe('succeeded');
});

test('a blocked run that is cancelled leaves the queue of its lock', async () => {
  const hub = await startHub(makeWorld());
  const first = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'sleep 0.2' }, { locks: ['a'] }));
  const second = await hub.runs.submit(call('noop', { n: 1 }, { locks: ['a'] }));
  const third = await hub.runs.submit(call('noop', { n: 2 }, { locks: ['a'] }));
  expect((await hub.cancel(second.id, someone)).state).toBe('cancelled');
  expect(hub.get(third.id).waitingFor).toContain(first.id);
  expect((await hub.runs.wait(third.id, 10_000)).state).toBe('succeeded');
});
