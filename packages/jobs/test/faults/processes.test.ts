import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JobHandler } from '../../src/index.ts';
import { startChildHub } from '../fixtures/child-hub.ts';
import { call, makeWorld, someone, startHub } from '../fixtures/world.ts';
import { until } from '../until.ts';

test('a frozen hub is taken over, and changes nothing when it comes back', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const gate = join(world.folder, 'gate');
  const limits = { leaseMs: 600 };
  const frozen = await startChildHub(world, limits);
  const commands = [
    `echo 1 >> ${effects}; while [ ! -e ${gate} ]; do sleep 0.01; done`,
    `echo 2 >> ${effects}`,
    `echo 3 >> ${effects}; sleep 0.2`,
  ];
  const { id } = await frozen.submit(call('sequence', { alias: 'web1', commands }));
  await until(() => existsSync(effects));
  const hub = await startHub(world, { limits });
  frozen.kill('SIGSTOP');
  const fence = (): number =>
    hub.store.read(
      (sql) => sql.get<{ fence: number }>('SELECT fence FROM job_run WHERE id = ?', [id])?.fence ?? 0,
    );
  const before = fence();
  await until(() => fence() > before, 'the run to be adopted');
  writeFileSync(gate, '');
  frozen.kill('SIGCONT');
  const run = await hub.runs.wait(id, 20_000);
  expect(run).toMatchObject({ state: 'succeeded', output: { codes: [0, 0, 0] } });
  expect(await frozen.wait(id, 10_000)).toMatchObject({ state: 'succeeded' });
  expect(readFileSync(effects, 'utf8')).toBe('1\n2\n3\n');
  expect(hub.get(id)).toEqual(run);
});

test('a hub whose event loop was blocked loses its run to another and both agree on the end', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const limits = { leaseMs: 600 };
  const blocked = await startChildHub(world, limits);
  const hub = await startHub(world, { limits });
  const { id } = await blocked.submit(
    call('exec', { alias: 'web1', cmd: `echo x >> ${effects}; sleep 0.1` }),
  );
  await until(() => existsSync(effects));
  const block = blocked.block(2_500);
  expect((await hub.runs.wait(id, 20_000)).state).toBe('succeeded');
  await block;
  expect(await blocked.wait(id, 10_000)).toEqual(hub.get(id));
  expect(readFileSync(effects, 'utf8')).toBe('x\n');
});

test('a run is cancelled and waited for from a process that does not execute it', async () => {
  const world = makeWorld();
  const holder = await startChildHub(world);
  const hub = await startHub(world, { handlers: [] });
  const { id } = await holder.submit(call('exec', { alias: 'web1', cmd: 'echo begun; sleep 60' }));
  await until(() => hub.output(id).read?.text === 'begun\n');
  expect(['cancelling', 'cancelled']).toContain((await hub.cancel(id, someone)).state);
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({ state: 'cancelled' });
});

test('a cancel for a dead hub is carried out by the one that adopts the run', async () => {
  const world = makeWorld();
  const holder = await startChildHub(world);
  const { id } = await holder.submit(call('exec', { alias: 'web1', cmd: 'sleep 60' }));
  const bystander = await startHub(world, { handlers: [] });
  await until(() => bystander.get(id).steps.length > 0);
  holder.kill('SIGKILL');
  await holder.exited;
  await bystander.cancel(id, someone);
  const hub = await startHub(world);
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({
    state: 'cancelled',
    steps: [{ state: 'cancelled' }],
  });
});

test('a run for a tool that only another process holds is executed there', async () => {
  const world = makeWorld();
  const front = await startHub(world, { handlers: [] });
  const { id } = await front.runs.submit(call('exec', { alias: 'web1', cmd: 'echo there' }));
  expect(front.get(id).state).toBe('queued');
  await startChildHub(world);
  expect(await front.runs.wait(id, 15_000)).toMatchObject({ output: { stdout: 'there\n' } });
});

test('a process of the lane that lacks the tool leaves the run to others', async () => {
  const world = makeWorld();
  const older = await startHub(world, {
    handlers: [{ lane: 'ssh-exec', tool: 'other', timeoutMs: 0, run: async () => ({}) }],
  });
  const { id } = await older.runs.submit(call('noop', { n: 1 }));
  expect(older.get(id).state).toBe('queued');
  await startHub(world);
  expect((await older.runs.wait(id, 15_000)).state).toBe('succeeded');
});

test('stopping without waiting leaves the command to the next hub; with drain it is waited for', async () => {
  const world = makeWorld();
  const first = await startHub(world);
  const { id } = await first.runs.submit(call('exec', { alias: 'web1', cmd: 'sleep 1.5; echo kept on' }));
  await until(() => first.get(id).state === 'running');
  const fence = () =>
    first.store.read((sql) => sql.get<{ fence: number }>('SELECT fence FROM job_run'))?.fence;
  const before = fence();
  await first.stop();
  expect(first.get(id).state).toBe('running');
  const second = await startHub(world);
  await until(() => fence() !== before, 'the second hub to take the run over');
  await second.stop({ drain: true });
  expect(second.get(id)).toMatchObject({ state: 'succeeded', output: { stdout: 'kept on\n' } });
});

test('four processes share many runs without losing or doubling one', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const others = await Promise.all([startChildHub(world), startChildHub(world), startChildHub(world)]);
  const hub = await startHub(world);
  const all = [...others, { submit: hub.runs.submit }];
  const submitted = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      all[n % 4]?.submit(call('exec', { alias: `web${n % 5}`, cmd: `echo ${n} >> ${effects}; sleep 0.2` })),
    ),
  );
  others[1]?.kill('SIGKILL');
  for (const one of submitted) expect((await hub.runs.wait(one?.id ?? '', 30_000)).state).toBe('succeeded');
  const numbers = readFileSync(effects, 'utf8').trim().split('\n').map(Number);
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

test('an execution whose run was claimed by another writes nothing more, not even its end', async () => {
  const world = makeWorld();
  let go: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  let thrown: unknown;
  const slow: JobHandler = {
    lane: 'ssh-exec',
    tool: 'slow',
    timeoutMs: 0,
    async run(job) {
      await job.step.repeatable('first', async () => 1);
      await gate;
      job.progress({ progress: 99 });
      await job.step
        .repeatable('second', async () => 2)
        .catch((error: unknown) => {
          thrown = error;
        });
      return { late: true };
    },
  };
  const hub = await startHub(world, { handlers: [slow] });
  const { id } = await hub.runs.submit(call('slow', {}));
  await until(() => hub.get(id).steps[0]?.state === 'succeeded');
  await hub.store.write((sql) => sql.run('UPDATE job_run SET fence = fence + 1 WHERE id = ?', [id]));
  go();
  await until(() => thrown);
  expect(thrown).toMatchObject({ code: 'CANCELLED' });
  await hub.stop({ drain: true });
  const row = hub.store.read((sql) =>
    sql.get('SELECT state, output, progress FROM job_run WHERE id = ?', [id]),
  );
  expect(row).toEqual({ state: 'running', output: null, progress: null });
  expect(hub.get(id).steps.map((step) => step.key)).toEqual(['first']);
});
