import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JobHandler } from '../src/index.ts';
import { exec, handlers } from './fixtures/handlers.ts';
import { call, type Hub, makeWorld, someone, startHub, type World } from './fixtures/world.ts';
import { until } from './until.ts';

/** Starts a command, stops the hub without waiting for it, and lets the host lose what it knew. */
async function loseOnHost(world: World, hub: Hub, id: string): Promise<void> {
  await until(() => hub.get(id).tail.includes('begun'));
  await until(() =>
    hub.store.read((sql) =>
      sql.get("SELECT 1 FROM job_step WHERE run = ? AND alias = 'web1' AND acked = 1", [id]),
    ),
  );
  await hub.stop();
  const [folder = ''] = world.runner.kept('web1');
  await world.runner.cancel('web1', folder);
  rmSync(join(world.hosts, 'web1', folder), { recursive: true });
}

const once: JobHandler = {
  lane: 'ssh-exec',
  tool: 'once',
  timeoutMs: 0,
  async run(job, args) {
    const first = await job.step.once('first', async () => 'kept');
    const second = await job.step.once('second', async ({ attempt }) => {
      if (args['hang'] && attempt === 1) await new Promise(() => undefined);
      return `attempt ${attempt}`;
    });
    return { first, second };
  },
};

test('a started command that its host knows nothing of is interrupted, never started again', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const first = await startHub(world);
  const cmd = `echo x >> ${effects}; echo begun; sleep 60`;
  const { id } = await first.runs.submit(call('exec', { alias: 'web1', cmd }, { locks: ['apt:web1'] }));
  await loseOnHost(world, first, id);

  const hub = await startHub(world);
  const run = await hub.runs.wait(id, 15_000);
  expect(run).toMatchObject({
    state: 'interrupted',
    failure: { code: 'INTERRUPTED' },
    steps: [{ state: 'interrupted' }],
  });
  expect(readFileSync(effects, 'utf8')).toBe('x\n');

  const next = await hub.runs.submit(call('noop', { n: 1 }, { locks: ['apt:web1'] }));
  expect(hub.get(next.id)).toMatchObject({
    state: 'queued',
    waitingFor: `waiting for lock apt:web1 held by ${id}`,
  });
  await expect(hub.retry(id, {}, someone)).rejects.toMatchObject({ code: 'CONFLICT' });

  const resolved = await hub.resolve(id, 'succeeded', 'looked at the host', someone);
  expect(resolved).toMatchObject({ state: 'succeeded', steps: [{ state: 'succeeded' }] });
  expect(resolved.waitingFor).toContain('looked at the host');
  expect((await hub.runs.wait(next.id, 10_000)).state).toBe('succeeded');
  await expect(hub.resolve(id, 'failed', '', someone)).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('resolved as retry, the same run goes on with a new attempt and keeps its locks', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const first = await startHub(world);
  const cmd = `echo begun; [ -e ${gate} ] || sleep 60; echo done`;
  const { id } = await first.runs.submit(call('exec', { alias: 'web1', cmd }, { locks: ['apt:web1'] }));
  await loseOnHost(world, first, id);
  const hub = await startHub(world);
  await hub.runs.wait(id, 15_000);
  mkdirSync(gate);
  const next = await hub.runs.submit(call('noop', { n: 1 }, { locks: ['apt:web1'] }));
  await hub.resolve(id, 'retry', '', someone);
  const run = await hub.runs.wait(id, 15_000);
  expect(run).toMatchObject({
    state: 'succeeded',
    output: { stdout: 'begun\ndone\n' },
    steps: [{ attempt: 2 }],
  });
  expect((await hub.runs.wait(next.id, 10_000)).state).toBe('succeeded');
});

test('a command that was never confirmed may start later, but not after its time', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  let skew = 0;
  const clock = (): number => Date.now() + skew;
  const stuck = { ...world.runner, start: () => new Promise<never>(() => undefined) };
  const runner = Object.assign(Object.create(world.runner), stuck);
  for (const [age, state] of [
    [0, 'succeeded'],
    [700_000, 'interrupted'],
    [-60_000, 'interrupted'],
  ] as const) {
    skew = 0;
    const dead = await startHub(world, { runner, clock });
    const { id } = await dead.runs.submit(call('exec', { alias: 'web1', cmd: `echo ${age} >> ${effects}` }));
    await until(() => dead.get(id).steps.length > 0);
    await dead.stop();
    skew = age;
    const hub = await startHub(world, { clock });
    expect((await hub.runs.wait(id, 15_000)).state, `age ${age}`).toBe(state);
    await hub.stop();
  }
  expect(readFileSync(effects, 'utf8')).toBe('0\n');
});

test('a once step that was cut off leaves the run interrupted; what ended before is kept', async () => {
  const world = makeWorld();
  const dead = await startHub(world, { handlers: [once] });
  const { id } = await dead.runs.submit(call('once', { hang: true }));
  await until(() => dead.get(id).steps.length === 2);
  await dead.stop();
  const hub = await startHub(world, { handlers: [once] });
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({
    state: 'interrupted',
    steps: [{ state: 'succeeded' }, { state: 'interrupted', key: 'second' }],
  });
  await hub.resolve(id, 'retry', 'it was not done', someone);
  expect((await hub.runs.wait(id, 15_000)).output).toEqual({ first: 'kept', second: 'attempt 2' });
});

test('one unknown host of many makes the run interrupted, with the rows of the others', async () => {
  const world = makeWorld();
  const first = await startHub(world);
  const cmd = 'echo begun; [ "$(basename $(dirname $RUN))" = web1 ] && sleep 60; true';
  const { id } = await first.runs.submit(call('fan', { aliases: ['web0', 'web1', 'web2'], cmd }));
  await loseOnHost(world, first, id);
  const hub = await startHub(world);
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({
    state: 'interrupted',
    output: { rows: [{ state: 'ok' }, { state: 'failed' }, { state: 'ok' }] },
  });
});

test('a retry from the failed step keeps the results of the others', async () => {
  const world = makeWorld();
  const effects = join(world.folder, 'effects');
  const gate = join(world.folder, 'gate');
  const strict: JobHandler = {
    lane: 'ssh-exec',
    tool: 'strict',
    timeoutMs: 0,
    isError: (output) => output['failed'] !== undefined,
    async run(job, args) {
      for (const [index, command] of (args['commands'] as string[]).entries()) {
        const { exitCode } = await job.step.command(`s${index}`, 'web1', { command });
        if (exitCode !== 0) return { failed: index };
      }
      return {};
    },
  };
  const hub = await startHub(world, { handlers: [strict, ...handlers], limits: { capturedBytes: 1000 } });
  const commands = [`echo one >> ${effects}; seq 1 2000`, `[ -e ${gate} ]`];
  const { id } = await hub.runs.submit(call('strict', { commands }));
  expect(await hub.runs.wait(id, 15_000)).toMatchObject({ state: 'failed', output: { failed: 1 } });
  mkdirSync(gate);
  const again = await hub.retry(id, { from: 'failed' }, someone);
  const run = await hub.runs.wait(again.id, 15_000);
  expect(run).toMatchObject({ state: 'succeeded', retryOf: id });
  expect(readFileSync(effects, 'utf8')).toBe('one\n');
  hub.store.read((sql) => sql.get('SELECT 1'));
  await hub.purge({ states: ['failed'] });
  expect(existsSync(join(world.folder, 'output', id))).toBe(false);
  expect(hub.output(again.id, { step: 's0', limit: 100_000 }).read?.text.endsWith('2000\n')).toBe(true);

  const whole = await hub.retry(again.id, { from: 'start' }, someone);
  await hub.runs.wait(whole.id, 15_000);
  expect(readFileSync(effects, 'utf8')).toBe('one\none\n');
  await expect(hub.retry('run_NONE', {}, someone)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('an open run cannot be retried', async () => {
  const hub = await startHub(makeWorld(), { handlers: [exec] });
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'sleep 0.3' }));
  await expect(hub.retry(id, {}, someone)).rejects.toMatchObject({ code: 'CONFLICT' });
});
