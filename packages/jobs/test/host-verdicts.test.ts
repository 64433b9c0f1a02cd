import { type AttachOptions, type CommandSpec, type CommandState, FlotillaError } from '@flotilla/core';
import { expect, test } from 'vitest';
import { LocalRunner } from './fixtures/local-runner.ts';
import { call, makeWorld, someone, startHub, type World } from './fixtures/world.ts';
import { until } from './until.ts';

type Start = (id: string) => CommandState | FlotillaError | undefined;

/** A host that answers the first starts with what real ones say only after a reboot, a lost terminal or a full disk. */
class SayingRunner extends LocalRunner {
  readonly starts: string[] = [];
  readonly #say: Start;

  constructor(world: World, say: Start) {
    super(world.hosts);
    this.#say = say;
  }

  override async start(
    alias: string,
    id: string,
    spec: CommandSpec,
    options: AttachOptions,
  ): Promise<CommandState> {
    this.starts.push(id);
    const said = this.#say(id);
    if (said instanceof FlotillaError) throw said;
    return said ?? super.start(alias, id, spec, options);
  }
}

async function runSaying(say: Start) {
  const world = makeWorld();
  const runner = new SayingRunner(world, say);
  const hub = await startHub(world, { runner });
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'echo ran' }));
  return { hub, id, runner, run: await hub.runs.wait(id, 20_000) };
}

test.each([
  ['rebooted', 'web1 was restarted while the command ran'],
  ['supervisor_gone', 'what watched over the command on web1 is gone'],
  ['connection_bound', 'was bound to a connection that was lost'],
] as const)(
  'a command that was lost (%s) leaves the run interrupted, with the reason',
  async (reason, words) => {
    const { hub, id, runner, run } = await runSaying(() => ({ state: 'lost', reason }));
    expect(run).toMatchObject({
      state: 'interrupted',
      failure: { code: 'INTERRUPTED', details: { alias: 'web1', step: 'exec', reason } },
      steps: [{ state: 'interrupted' }],
    });
    expect(run.failure?.message).toContain(words);
    expect(runner.starts).toHaveLength(1);
    await hub.resolve(id, 'succeeded', 'seen on the host', someone);
    expect(hub.get(id)).toMatchObject({ state: 'succeeded', steps: [{ state: 'succeeded' }] });
  },
);

test('a result that its host has removed is not known any more', async () => {
  const { run } = await runSaying(() => ({ state: 'refused', reason: 'already_removed' }));
  expect(run).toMatchObject({ state: 'interrupted', failure: { details: { reason: 'already_removed' } } });
});

test('a host that refuses a cancelled command makes the run cancelled', async () => {
  const { run } = await runSaying(() => ({ state: 'refused', reason: 'cancelled_before_start' }));
  expect(run).toMatchObject({ state: 'cancelled', failure: { code: 'CANCELLED' } });
});

test('a command that is known never to have started fails, and says so to whoever tries again', async () => {
  const { run } = await runSaying(() => ({ state: 'lost', reason: 'never_started' }));
  expect(run).toMatchObject({
    state: 'failed',
    failure: { code: 'CONNECTION_FAILED', details: { neverStarted: true } },
  });
});

test('a connection that broke during the start is asked about it: what began goes on', async () => {
  const said: string[] = [];
  const { run, runner } = await runSaying((id) => {
    if (said.push(id) > 1) return undefined;
    return new FlotillaError('CONNECTION_FAILED', 'cut', { details: { sent: true } });
  });
  expect(run).toMatchObject({ state: 'succeeded', output: { stdout: 'ran\n' } });
  expect(new Set(runner.starts).size).toBe(1);
});

test('an error of a host that is no trouble of the connection fails the run at once', async () => {
  const { run, runner } = await runSaying(
    () => new FlotillaError('UNSUPPORTED', 'web1 cannot keep the files of a command.'),
  );
  expect(run).toMatchObject({ state: 'failed', failure: { code: 'UNSUPPORTED' } });
  expect(runner.starts).toHaveLength(1);
});

test('what is thrown without being of the table is INTERNAL, with its words as a detail', async () => {
  const world = makeWorld();
  const broken = {
    lane: 'ssh-exec',
    tool: 'broken',
    timeoutMs: 0,
    run: async () => {
      throw 'a bare string';
    },
  };
  const hub = await startHub(world, { handlers: [broken], mayLog: /a run failed unexpectedly/ });
  const { id } = await hub.runs.submit(call('broken', {}));
  expect(await hub.runs.wait(id, 10_000)).toMatchObject({
    state: 'failed',
    failure: { code: 'INTERNAL', details: { cause: 'a bare string' } },
  });
});

test('a stream that ends early is followed again until the end is known', async () => {
  const world = makeWorld();
  let early = 0;
  class Breaking extends LocalRunner {
    override async attach(alias: string, id: string, options: AttachOptions): Promise<CommandState> {
      if (early++ < 2) return { state: 'running', stdoutBytes: 0, stderrBytes: 0 };
      return super.attach(alias, id, options);
    }

    override async start(alias: string, id: string, spec: CommandSpec, options: AttachOptions) {
      await super.start(alias, id, spec, { ...options, onOutput: () => undefined });
      return { state: 'running' as const, stdoutBytes: 0, stderrBytes: 0 };
    }
  }
  const hub = await startHub(world, { runner: new Breaking(world.hosts) });
  const { id } = await hub.runs.submit(call('exec', { alias: 'web1', cmd: 'echo whole' }));
  await until(() => hub.get(id).waitingFor?.includes('reconnecting to web1'));
  expect(await hub.runs.wait(id, 20_000)).toMatchObject({
    state: 'succeeded',
    output: { stdout: 'whole\n' },
  });
  expect(early).toBeGreaterThan(2);
});
