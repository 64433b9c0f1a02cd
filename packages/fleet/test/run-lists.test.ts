import { createGate } from '@flotilla/admission';
import { FlotillaError, type Principal } from '@flotilla/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diagnosticsTools } from '../src/diagnostics/index.ts';
import { type RunSubject, type RunsElsewhere, runTools } from '../src/runs/index.ts';
import { type CallTool, callerOf, SOMEBODY, startWorld, type World } from './support/world.ts';

let world: World;
let call: CallTool;

beforeAll(async () => {
  world = await startWorld();
  call = callerOf(runTools({ engine: world.engine }), world);
});
afterAll(() => world.stop());

type Rows = Record<string, unknown>[];
const rowsOf = (data: Record<string, unknown>): Rows => data['rows'] as Rows;
const exec = async (cmd: string): Promise<string> => {
  const id = await world.submit('exec', { alias: 'web1', cmd });
  await world.ended(id);
  return id;
};

describe('compact', () => {
  const long = `echo ${'x'.repeat(300)}`;
  let id: string;
  beforeAll(async () => {
    id = await exec(long);
  });

  test.each([
    ['absent', undefined, {}, true],
    ['set to false', false, {}, false],
    ['set to false, and the call says true', false, { compact: true }, true],
    ['absent, and the call says false', undefined, { compact: false }, false],
  ])('the setting %s', async (_what, compact, args, short) => {
    const tools = callerOf(
      runTools({ engine: world.engine, ...(compact !== undefined && { compact }) }),
      world,
    );
    for (const [name, more] of [
      ['task_history', {}],
      ['task_queue', { status: 'succeeded' }],
    ] as const) {
      const { data, words } = await tools(name, { ...args, ...more });
      const row = rowsOf(data).find((one) => one['id'] === id);
      if (short) {
        expect(row).not.toHaveProperty('principal');
        expect(row?.['summary']).toMatch(/^echo x{150,160}…$/);
        expect(words).not.toContain(SOMEBODY.id);
      } else {
        expect(row).toMatchObject({ principal: SOMEBODY.id, server: 'test', summary: long });
        expect(words).toContain(SOMEBODY.id);
      }
    }
  });

  test('of the log: its fields', async () => {
    world.log.fatal({ host: 'web1' }, 'a line with fields');
    const logs = (compact: boolean): CallTool =>
      callerOf(
        diagnosticsTools({
          compact,
          logs: world.ring,
          links: world.links,
          audit: world.audit,
          probes: () => [],
        }),
        world,
      );
    const lines = async (compact: boolean, args = {}): Promise<Rows> =>
      rowsOf((await logs(compact)('task_logs', { search: 'with fields', ...args })).data);
    expect((await lines(true))[0]).not.toHaveProperty('fields');
    expect(await lines(false)).toMatchObject([{ fields: { host: 'web1' } }]);
    expect((await lines(false, { compact: true }))[0]).not.toHaveProperty('fields');
  });
});

test('no wait is longer than the setting allows', async () => {
  const id = await world.submit('exec', { alias: 'web1', cmd: 'sleep 20' });
  const short = callerOf(runTools({ engine: world.engine }), world, { maxWaitMs: 50 });
  const { data } = await short('task_wait', { id, seconds: 45 });
  expect(data).toMatchObject({ id, ended: false });
  await call('task_cancel', { id });
});

describe('starting again', () => {
  const policy = (commandDeny: string[]) =>
    createGate({ policy: { readonly: false, denyTools: [], commandDeny } });
  const toolsUnder = (commandDeny: string[]): CallTool => {
    const gate = policy(commandDeny);
    const admits = (principal: Principal, { tool, lane, aliases, args = {} }: RunSubject, effect: 'read') =>
      gate(principal, { name: tool, lane, maxEffect: effect }, { effect, aliases, args });
    return callerOf(runTools({ engine: world.engine, admits: admits as never }), world);
  };

  test('the policy of today decides about the command of then', async () => {
    const id = await exec('echo remove everything');
    expect((await toolsUnder(['echo add'])('task_retry', { id })).data).toMatchObject({
      retryOf: id,
      state: 'succeeded',
    });
    const before = world.engine.history().total;
    const { data } = await toolsUnder(['remove +everything'])('task_retry', { id });
    expect(data).toMatchObject({ error: true, code: 'DENIED', details: { pattern: 'remove +everything' } });
    expect(world.engine.history().total).toBe(before);
  });

  test('secret fields are not shown to the policy', async () => {
    const { id } = await world.engine.runs.submit({
      tool: 'exec',
      lane: 'test',
      args: { alias: 'web1', cmd: 'true', stdin: 'a secret word' },
      secretPaths: ['stdin'],
      principal: SOMEBODY,
      aliases: ['web1'],
      summary: 'true',
    });
    await world.ended(id);
    expect(world.engine.args(id)).toEqual({ alias: 'web1', cmd: 'true', stdin: '[secret]' });
  });
});

describe('runs of mounted servers', () => {
  const mount = (name: string, tools: CallTool): RunsElsewhere => ({
    mount: name,
    ask: async (tool, args, { principal, signal }) => (await tools(tool, args, { principal, signal })).data,
  });
  const listing = (...mounts: RunsElsewhere[]): CallTool =>
    callerOf(runTools({ engine: world.engine, elsewhere: () => mounts, mountWaitMs: 5_000 }), world);

  test('two mounts over one data folder, this one or another, count once', async () => {
    await exec('echo once');
    const plain = (await call('task_history', { limit: 1_000 })).data;
    const twice = (await listing(mount('a', call), mount('b', call))('task_history', { limit: 1_000 })).data;
    expect(rowsOf(twice).map(({ id }) => id)).toEqual(rowsOf(plain).map(({ id }) => id));
    expect(twice['total']).toBe(plain['total']);
    const stats = (await listing(mount('a', call), mount('b', call))('queue_stats', {})).data;
    expect(stats['total']).toBe((await call('queue_stats', {})).data['total']);
  });

  test('of two mounts over one other folder, a run belongs to the one that holds its tool', async () => {
    const other = await startWorld();
    try {
      const id = await other.submit('exec', { alias: 'web1', cmd: 'echo there' });
      await other.ended(id);
      const there = callerOf(runTools({ engine: other.engine }), other);
      const { data } = await listing(mount('a', there), mount('test', there))('task_history', {});
      expect(rowsOf(data).filter((row) => row['id'] === id)).toMatchObject([{ mount: 'test' }]);
      const open = await other.submit('exec', { alias: 'web1', cmd: 'sleep 30' });
      const queue = (await listing(mount('test', there))('task_queue', {})).data;
      expect(rowsOf(queue)).toMatchObject([{ id: open, mount: 'test' }]);
      await there('task_cancel', { id: open });
    } finally {
      await other.stop();
    }
  });

  test('one that answers nonsense, fails or never answers is named; the list is there', async () => {
    const odd: RunsElsewhere = { mount: 'odd', ask: async () => ({ rows: 'none' }) };
    const failing: RunsElsewhere = {
      mount: 'failing',
      ask: async () => Promise.reject(new FlotillaError('SERVER_UNAVAILABLE', 'it is not connected')),
    };
    const silent: RunsElsewhere = { mount: 'silent', ask: () => new Promise(() => {}) };
    const tools = callerOf(
      runTools({ engine: world.engine, elsewhere: () => [odd, failing, silent], mountWaitMs: 200 }),
      world,
    );
    for (const name of ['task_queue', 'task_history', 'queue_stats']) {
      const { data, words } = await tools(name, {});
      expect(data['missing'], name).toEqual([
        { mount: 'odd', reason: 'its answer is not understood; is it an older version?' },
        { mount: 'failing', reason: 'it is not connected' },
        { mount: 'silent', reason: 'no answer within 200 ms' },
      ]);
      expect(words).toContain('Without the runs of silent');
    }
  });

  test('a caller who goes away ends the asking', async () => {
    const silent: RunsElsewhere = { mount: 'silent', ask: () => new Promise(() => {}) };
    const gone = new AbortController();
    const asking = listing(silent)('task_queue', {}, { signal: gone.signal });
    gone.abort();
    expect((await asking).data).toMatchObject({ code: 'CANCELLED' });
  });
});
