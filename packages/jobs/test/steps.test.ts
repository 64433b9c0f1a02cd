import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlotillaError, type RetryPolicy } from '@flotilla/core';
import { expect, test } from 'vitest';
import type { Job, JobHandler } from '../src/index.ts';
import { LocalRunner } from './fixtures/local-runner.ts';
import { call, makeWorld, startHub, type World } from './fixtures/world.ts';
import { until } from './until.ts';

const tool = (
  run: (job: Job, args: Record<string, unknown>) => Promise<Record<string, unknown>>,
): JobHandler => ({
  lane: 'ssh-exec',
  tool: 'tool',
  timeoutMs: 0,
  run,
});

async function runOnce(world: World, handler: JobHandler, args: Record<string, unknown> = {}) {
  const hub = await startHub(world, { handlers: [handler] });
  const { id } = await hub.runs.submit(call('tool', args));
  return hub.runs.wait(id, 15_000);
}

const fast: RetryPolicy = { maxAttempts: 3, backoffMs: 5 };

test('results of steps come back to the handler, in order', async () => {
  const world = makeWorld();
  const run = await runOnce(
    world,
    tool(async (job) => {
      const one = await job.step.command('one', 'web1', { command: 'cat; echo err >&2', stdin: 'in\n' });
      const two = await job.step.repeatable('two', async ({ attempt }) => ({ attempt, of: one.stdout.text }));
      const three = await job.step.once('three', async () => 'three', { alias: 'web2' });
      return { err: one.stderr, two, three };
    }),
  );
  expect(run.output).toEqual({
    err: { text: 'err\n', bytes: 4, truncated: false },
    two: { attempt: 1, of: 'in\n' },
    three: 'three',
  });
  expect(run.steps.map(({ key, alias, kind, state }) => [key, alias, kind, state])).toEqual([
    ['one', 'web1', 'command', 'succeeded'],
    ['two', undefined, 'repeatable', 'succeeded'],
    ['three', 'web2', 'once', 'succeeded'],
  ]);
});

test('a command killed by a signal is a result with that signal', async () => {
  const run = await runOnce(
    makeWorld(),
    tool(async (job) => {
      const { exitCode, signal } = await job.step.command('exec', 'web1', { command: 'kill -9 $$' });
      return { exitCode, signal };
    }),
  );
  expect(run.output).toEqual({ exitCode: null, signal: 'KILL' });
  expect(run.steps[0]).toMatchObject({ state: 'failed', signal: 'KILL', exitCode: null });
});

test('listed causes are tried again with backoff, each try a new attempt', async () => {
  const attempts: number[] = [];
  const run = await runOnce(
    makeWorld(),
    tool(async (job) => ({
      value: await job.step.repeatable(
        'flaky',
        async ({ attempt }) => {
          attempts.push(attempt);
          if (attempt < 3) throw new FlotillaError('SERVER_UNAVAILABLE', 'not yet');
          return 'there';
        },
        { retry: fast },
      ),
    })),
  );
  expect(run.output).toEqual({ value: 'there' });
  expect(attempts).toEqual([1, 2, 3]);
});

test('other causes are not tried again', async () => {
  let tries = 0;
  const run = await runOnce(
    makeWorld(),
    tool(async (job) => ({
      value: await job.step.repeatable(
        'denied',
        async () => {
          tries++;
          throw new FlotillaError('DENIED', 'no');
        },
        { retry: fast },
      ),
    })),
  );
  expect(tries).toBe(1);
  expect(run).toMatchObject({ state: 'failed', failure: { code: 'DENIED', message: 'no' } });
});

test('after the last attempt the last cause is told', async () => {
  const run = await runOnce(
    makeWorld(),
    tool(async (job) => ({
      value: await job.step.repeatable(
        'down',
        async ({ attempt }) => {
          throw new FlotillaError('TIMEOUT', `try ${attempt}`);
        },
        { retry: fast },
      ),
    })),
  );
  expect(run.failure).toMatchObject({
    code: 'RETRY_LIMIT_EXCEEDED',
    details: { attempts: 3, cause: { code: 'TIMEOUT', message: 'try 3' } },
  });
});

test('an unreachable host fails a command at once, and after all attempts with a retry policy', async () => {
  const world = makeWorld();
  LocalRunner.switchOff(world.hosts, 'web1', 'refused');
  const hub = await startHub(world);
  const plain = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'true' }));
  expect(await hub.runs.wait(plain.id, 10_000)).toMatchObject({
    state: 'failed',
    failure: { code: 'CONNECTION_FAILED' },
  });
  const patient = tool(async (job) => ({
    code: (await job.step.command('exec', 'web1', { command: 'true' }, { retry: fast })).exitCode,
  }));
  hub.register([patient]);
  const tried = await hub.runs.submit(call('tool', { n: 1 }));
  expect(await hub.runs.wait(tried.id, 10_000)).toMatchObject({
    failure: { code: 'RETRY_LIMIT_EXCEEDED', details: { attempts: 3, cause: { code: 'CONNECTION_FAILED' } } },
  });
});

test('a command runs once although its first attempts did not reach the host', async () => {
  const world = makeWorld();
  LocalRunner.switchOff(world.hosts, 'web1', 'refused');
  const hub = await startHub(world, {
    handlers: [
      tool(async (job) => {
        const retry = { maxAttempts: 1000, backoffMs: 5, maxBackoffMs: 20 };
        const done = await job.step.command('exec', 'web1', { command: 'echo ran' }, { retry });
        return { stdout: done.stdout.text };
      }),
    ],
  });
  const { id } = await hub.runs.submit(call('tool', {}));
  await until(() => hub.get(id).waitingFor?.includes('attempt 3'));
  LocalRunner.switchOff(world.hosts, 'web1', undefined);
  const run = await hub.runs.wait(id, 10_000);
  expect(run).toMatchObject({ state: 'succeeded', output: { stdout: 'ran\n' } });
  expect(run.steps[0]?.attempt).toBeGreaterThan(0);
});

test('a lost connection is followed up until the end of the command is known', async () => {
  const world = makeWorld();
  const gate = join(world.folder, 'gate');
  const hub = await startHub(world);
  const cmd = `echo first; while [ ! -e ${gate} ]; do sleep 0.01; done; echo second`;
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd }));
  await until(() => hub.get(id).tail.includes('first'));
  LocalRunner.switchOff(world.hosts, 'web1', 'cut');
  await until(() => hub.get(id).waitingFor?.startsWith('reconnecting to web1: '));
  expect(hub.get(id).state).toBe('running');
  writeFileSync(gate, '');
  LocalRunner.switchOff(world.hosts, 'web1', undefined);
  expect(await hub.runs.wait(id, 10_000)).toMatchObject({
    state: 'succeeded',
    output: { stdout: 'first\nsecond\n' },
  });
});

test('progress is seen while waiting', async () => {
  const world = makeWorld();
  let go: (() => void) | undefined;
  const hub = await startHub(world, {
    handlers: [
      tool(async (job) => {
        job.progress({ progress: 1, total: 2, message: 'half' });
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        return {};
      }),
    ],
  });
  const { id } = await hub.runs.submit(call('tool', {}));
  const updates: unknown[] = [];
  const waiting = hub.runs.wait(id, 10_000, {
    onUpdate: (update) => {
      updates.push(update.progress);
      go?.();
    },
  });
  expect((await waiting).progress).toEqual({ progress: 1, total: 2, message: 'half' });
  expect(updates).toContainEqual({ progress: 1, total: 2, message: 'half' });
});

test('a handler that breaks the rules of steps fails with an explanation', async () => {
  const world = makeWorld();
  const hub = await startHub(world, {
    mayLog: /a run failed unexpectedly/,
    handlers: [
      { ...tool(async (job) => job.step.repeatable('Bad Key', async () => ({}))), tool: 'bad' },
      {
        ...tool(async (job) => {
          await job.step.repeatable('same', async () => 1);
          return { n: await job.step.repeatable('same', async () => 2) };
        }),
        tool: 'twice',
      },
      {
        ...tool(async () => {
          throw new TypeError('a defect');
        }),
        tool: 'broken',
      },
    ],
  });
  for (const name of ['bad', 'twice', 'broken']) {
    const { id } = await hub.runs.submit(call(name, {}));
    expect(await hub.runs.wait(id, 10_000), name).toMatchObject({
      state: 'failed',
      failure: { code: 'INTERNAL' },
    });
  }
});

test('one host of many may fail alone', async () => {
  const world = makeWorld();
  const aliases = Array.from({ length: 12 }, (_, i) => `h${i}`);
  LocalRunner.switchOff(world.hosts, 'h3', 'refused');
  const hub = await startHub(world);
  const { id } = await hub.runs.submit(call('fan', { aliases, cmd: 'echo $RUN | wc -c' }));
  const run = await hub.runs.wait(id, 15_000);
  const states = (run.output as { rows: { state: string }[] }).rows.map((row) => row.state);
  expect(states).toEqual(aliases.map((alias) => (alias === 'h3' ? 'failed' : 'ok')));
  expect(run.steps).toHaveLength(12);
  expect(run.steps.find((step) => step.alias === 'h3')?.failure).toMatchObject({ code: 'CONNECTION_FAILED' });
});

test('ended commands leave nothing on their hosts', async () => {
  const world = makeWorld();
  const hub = await startHub(world);
  const { id } = await hub.runs.submit(
    call('sequence', { alias: 'web1', commands: ['true', 'false', 'echo x'] }),
  );
  await hub.runs.wait(id, 10_000);
  await until(() => world.runner.kept('web1').length === 0);
  expect(hub.output(id, { step: 's2' }).read?.text).toBe('x\n');
  expect(world.runner.tombstones('web1')).toHaveLength(3);
});
