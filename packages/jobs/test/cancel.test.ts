import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { JobHandler } from '../src/index.ts';
import { exec, sequence } from './fixtures/handlers.ts';
import { LocalRunner } from './fixtures/local-runner.ts';
import { call, makeWorld, someone, startHub } from './fixtures/world.ts';
import { until } from './until.ts';

test('a cancel stops the command with everything it started', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const pids = join(world.folder, 'pids');
  const cmd = `sleep 60 & echo $! > ${pids}; echo $$ >> ${pids}; echo begun; wait`;
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => hub.get(id).tail.includes('begun'));
  expect(['cancelling', 'cancelled']).toContain((await hub.cancel(id, someone)).state);
  const run = await hub.runs.wait(id, 15_000);
  expect(run).toMatchObject({
    state: 'cancelled',
    failure: { code: 'CANCELLED' },
    steps: [{ state: 'cancelled' }],
  });
  for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) {
    await until(() => !isRunning(Number(pid)), `${pid} to end`);
  }
  await expect(hub.cancel(id, someone)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(hub.cancel('run_NONE', someone)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('later steps do not begin after a cancel', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const hub = await startHub(world);
  const commands = [`echo 1 >> ${effects}; sleep 30`, `echo 2 >> ${effects}`];
  const { id } = await hub.runs.submit(call('sequence', { alias: 'web1', commands }));
  await until(() => existsSync(effects));
  await hub.cancel(id, someone);
  expect((await hub.runs.wait(id, 15_000)).state).toBe('cancelled');
  expect(readFileSync(effects, 'utf8')).toBe('1\n');
});

test('a queued run is cancelled at once and never runs', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'true' }, { lane: 'nobody' }));
  expect(await hub.cancel(id, someone)).toMatchObject({ state: 'cancelled' });
  expect(hub.list().total).toBe(0);
  expect(hub.store.read((sql) => sql.all('SELECT 1 FROM job_ticket'))).toEqual([]);
});

test('a handler without commands is told by its signal', async () => {
  const world = makeWorld();
  const waiting: JobHandler = {
    lane: 'ssh-exec',
    tool: 'waiting',
    timeoutMs: 0,
    async run(job) {
      await job.step.repeatable('wait', ({ signal }) => delay(60_000, undefined, { signal }));
      return {};
    },
  };
  const hub = await startHub(world, { handlers: [waiting] });
  const { id } = await hub.runs.submit(call('waiting', {}));
  await until(() => hub.get(id).steps.length > 0);
  await hub.cancel(id, someone);
  expect(await hub.runs.wait(id, 10_000)).toMatchObject({ state: 'cancelled' });
});

test('an unreachable host: cancelled with the note, locks kept, stopped when the host answers again', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const hub = await startHub(world);
  const cmd = `echo begun; trap 'echo stopped > ${effects}; exit 1' TERM; while :; do sleep 0.05; done`;
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd }, { locks: ['apt:web1'] }));
  await until(() => hub.get(id).tail.includes('begun'));
  LocalRunner.switchOff(world.hosts, 'web1', 'cut');
  await hub.cancel(id, someone);
  const run = await hub.runs.wait(id, 15_000);
  expect(run).toMatchObject({
    state: 'cancelled',
    waitingFor: 'remoteMayStillRun: web1',
    failure: { details: { remoteMayStillRun: true, alias: 'web1' } },
  });
  const next = await hub.runs.submit(call('noop', { n: 1 }, { locks: ['apt:web1'] }));
  expect(hub.get(next.id).waitingFor).toBe(`waiting for lock apt:web1 held by ${id}`);

  LocalRunner.switchOff(world.hosts, 'web1', undefined);
  await hub.stop();
  const later = await startHub(world);
  expect((await later.runs.wait(next.id, 15_000)).state).toBe('succeeded');
  await until(() => existsSync(effects));
  expect(later.get(id).waitingFor).toBe('the stop was confirmed by the host later');
});

test('a command that never began is refused to the host that comes late', async () => {
  const world = makeWorld();
  const hub = await startHub(world, {
    handlers: [exec, { ...sequence, retry: { maxAttempts: 100, backoffMs: 20 } }],
  });
  LocalRunner.switchOff(world.hosts, 'web1', 'refused');
  const { id } = await hub.runs.submit(call('sequence', { alias: 'web1', commands: ['true'] }));
  await until(() => hub.get(id).waitingFor?.includes('attempt'));
  await hub.cancel(id, someone);
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({ state: 'cancelled' });
});

test('the time limit of a run stops its command', async () => {
  const world = makeWorld();
  const hub = await startHub(world, { handlers: [{ ...exec, timeoutMs: 300 }] });
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'echo begun; sleep 60' }));
  const run = await hub.runs.wait(id, 15_000);
  expect(run).toMatchObject({ state: 'timed_out', failure: { code: 'TIMEOUT' }, tail: 'begun\n' });
  expect((await world.runner.status('web1', commandId(hub, id))).state).not.toBe('running');
});

test("a command's own time limit is a result, and the tool decides what it means", async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'sleep 60', timeoutMs: 200 }));
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({
    state: 'failed',
    isError: true,
    output: { timedOut: true },
    steps: [{ state: 'timed_out' }],
  });
});

function commandId(hub: Awaited<ReturnType<typeof startHub>>, id: string): string {
  const row = hub.store.read((sql) =>
    sql.get<{ command_id: string }>('SELECT command_id FROM job_step WHERE run = ?', [id]),
  );
  return row?.command_id ?? '';
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
