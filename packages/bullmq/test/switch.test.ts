import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@flotilla/jobs/testing';
import {
  call,
  type Hub,
  makeWorld,
  startHub,
  useQueue,
  type World,
} from '@flotilla/jobs/testing/fixtures/world';
import { expect, test } from 'vitest';
import { queueInRedis } from './engine/queue.ts';
import { withRedis } from './engine/with-redis.ts';

withRedis();

const QUEUES = { embedded: () => useQueue(undefined), redis: queueInRedis };
type Queue = keyof typeof QUEUES;

const hubOn = (queue: Queue, world: World): Promise<Hub> => {
  QUEUES[queue]();
  return startHub(world, { mayLog: /./, limits: { concurrency: 1 } });
};

test.each<[Queue, Queue]>([
  ['embedded', 'redis'],
  ['redis', 'embedded'],
])(
  'E20: from %s to %s with queued runs: each runs once',
  async (from, to) => {
    const world = makeWorld();
    const effects = join(world.folder, 'effects');
    const gate = join(world.folder, 'gate');
    const before = await hubOn(from, world);
    const cmd = (n: number): string => `echo ${n} >> ${effects}; while [ ! -e ${gate} ]; do sleep 0.05; done`;
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const { id } = await before.runs.submit(call('exec', { alias: 'web1', cmd: cmd(n) }));
      ids.push(id);
    }
    await until(() => before.get(ids[0] ?? '').steps.length > 0);
    await before.stop();
    writeFileSync(gate, '');

    const after = await hubOn(to, world);
    for (const id of ids) expect((await after.runs.wait(id, 20_000)).state).toBe('succeeded');
    const written = readFileSync(effects, 'utf8').trim().split('\n').sort();
    expect(written).toEqual(['0', '1', '2', '3', '4']);

    await after.stop();
    const back = await hubOn(from, world);
    const last = await back.runs.submit(call('exec', { alias: 'web1', cmd: `echo last >> ${effects}` }));
    expect((await back.runs.wait(last.id, 20_000)).state).toBe('succeeded');
    expect(readFileSync(effects, 'utf8').trim().split('\n').sort()).toEqual([...written, 'last']);
  },
  90_000,
);

test('two hubs of one data folder with different queues leave each other their runs', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const effects = join(world.folder, 'effects');
  const cmd = (n: string): string => `echo ${n} >> ${effects}; while [ ! -e ${gate} ]; do sleep 0.05; done`;
  const inRedis = await hubOn('redis', world);
  const first = await inRedis.runs.submit(call('exec', { alias: 'web1', cmd: cmd('first') }));
  const waits = await inRedis.runs.submit(call('exec', { alias: 'web1', cmd: cmd('waits') }));
  await until(() => inRedis.get(first.id).steps.length > 0);
  const embedded = await hubOn('embedded', world);
  const own = await embedded.runs.submit(call('exec', { alias: 'web2', cmd: cmd('own') }));
  await until(() => embedded.get(own.id).steps.length > 0);
  const epochs = () =>
    embedded.store
      .read((sql) => sql.all<{ epoch: number }>('SELECT epoch FROM job_run'))
      .map((row) => row.epoch);
  QUEUES.redis();
  await startHub(world, { mayLog: /./ });
  await until(() => inRedis.get(waits.id).state === 'running', 'the third hub to take what waits');
  writeFileSync(gate, '');
  for (const { id } of [first, waits, own])
    expect((await inRedis.runs.wait(id, 20_000)).state).toBe('succeeded');
  expect(epochs()).toEqual([1, 1, 1]);
  expect(readFileSync(effects, 'utf8').trim().split('\n').sort()).toEqual(['first', 'own', 'waits']);
});
