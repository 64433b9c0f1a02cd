import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CallOptions,
  type CallResult,
  defineServer,
  defineService,
  defineTool,
  type Principal,
  type ToolCalls,
} from '@flotilla/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type OpenServer, openServer } from '../src/testing/index.ts';

const SECRET = 'hunter2-hunter2';
const principal: Principal = { id: 'stdio:0', kind: 'stdio' };
const as = (more: Partial<CallOptions> = {}): CallOptions => ({
  principal,
  signal: new AbortController().signal,
  ...more,
});

/** What is between the calls of a test and the server under test. */
let reached: Promise<ToolCalls>;
let begun: string[];
let gate: Promise<void>;
let home: string;
let server: OpenServer;

const calls = defineService({ name: 'calls', open: (host) => host.calls });

const echo = defineTool({
  name: 'echo_twice',
  title: 'Echo',
  description: 'Answers with its words, twice.',
  effect: 'read',
  input: z.object({ words: z.string() }),
  output: z.object({ said: z.string() }),
  run: async (_, { words }) => ({ said: words + words }),
});

const slow = defineTool({
  name: 'slow_job',
  title: 'Slow',
  description: 'Ends when it is let go.',
  effect: { max: 'destroy', of: ({ harm }) => (harm ? 'destroy' : 'write') },
  input: z.object({ label: z.string(), harm: z.boolean().default(false), fail: z.boolean().default(false) }),
  output: z.object({ label: z.string() }),
  job: { timeoutMs: 0, summary: ({ label }) => label },
  run: async ({ step }, { label, fail }) =>
    step.once('wait', async () => {
      begun.push(label);
      await gate;
      if (fail) throw new Error('it broke');
      return { label };
    }),
});

const reach = defineTool({
  name: 'reach',
  title: 'Reach',
  description: 'Opens the service.',
  effect: 'read',
  input: z.object({}),
  output: z.object({}),
  run: async ({ use }) => {
    reached = use(calls);
    await reached;
    return {};
  },
});

const caller = defineServer({
  name: 'caller',
  title: 'Caller',
  instructions: '',
  tools: [echo, slow, reach],
});

beforeEach(async () => {
  begun = [];
  gate = Promise.resolve();
  home = mkdtempSync(join(tmpdir(), 'flotilla-calls-'));
  server = await openServer(caller, { HOME: home });
  await server.ok('reach');
});
afterEach(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const runOf = (result: CallResult): string => {
  if ('runId' in result) return result.runId;
  throw new Error(`not a run: ${JSON.stringify(result)}`);
};

test('an inline tool answers whole, and the call is in the audit log', async () => {
  const tools = await reached;
  const words = 'x'.repeat(200_000);
  const result = await tools.call('echo_twice', { words }, as());
  expect(result).toEqual({ output: { said: words + words }, isError: false });
  await server.runtime.services.audit.flush();
  const { calls: audited } = server.runtime.services.audit.search({ tool: 'echo_twice' });
  expect(audited).toMatchObject([{ principal: 'stdio:0', result: 'ok' }]);
});

test('tools of every lane are known, with what they do', async () => {
  const tools = await reached;
  expect(tools.names()).toEqual(
    expect.arrayContaining(['echo_twice', 'slow_job', 'server_list', 'task_wait']),
  );
  const job = tools.find('slow_job');
  expect(job).toMatchObject({ server: 'caller', job: true, maxEffect: 'destroy' });
  expect(job?.check({ label: 'a' })).toEqual({ effect: 'write', aliases: [] });
  expect(job?.check({ label: 'a', harm: true }).effect).toBe('destroy');
  expect(() => job?.check({ label: 1 })).toThrow(/label/);
  expect(tools.find('server_add')?.secretPaths).toContain('password');
  expect(tools.find('nobody')).toBeUndefined();
});

test('a job tool becomes one run per key, and its end is seen', async () => {
  const tools = await reached;
  let letGo = (): void => {};
  gate = new Promise((resolve) => {
    letGo = resolve;
  });
  const first = await tools.call('slow_job', { label: 'one' }, as({ idempotencyKey: 'k1' }));
  const id = runOf(first);
  expect(first).toEqual({ runId: id, existing: false });
  expect(await tools.call('slow_job', { label: 'one' }, as({ idempotencyKey: 'k1' }))).toEqual({
    runId: id,
    existing: true,
  });
  expect((await tools.wait(id, 0, as())).state).not.toBe('succeeded');
  letGo();
  expect(await tools.wait(id, 20_000, as())).toMatchObject({ state: 'succeeded', output: { label: 'one' } });
  expect(runOf(await tools.call('slow_job', { label: 'one' }, as({ idempotencyKey: 'k1' })))).toBe(id);
  expect(begun).toEqual(['one']);
  await expect(
    tools.call('slow_job', { label: 'other' }, as({ idempotencyKey: 'k1' })),
  ).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a run that fails or is cancelled says why', async () => {
  const tools = await reached;
  const failed = runOf(await tools.call('slow_job', { label: 'bad', fail: true }, as()));
  expect(await tools.wait(failed, 20_000, as())).toMatchObject({
    state: 'failed',
    failure: { code: 'INTERNAL' },
  });
  gate = new Promise(() => {});
  const stuck = runOf(await tools.call('slow_job', { label: 'stuck' }, as()));
  await tools.cancel(stuck, principal);
  await expect(tools.cancel(failed, principal)).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('wrong names and arguments are refused before anything is done', async () => {
  const tools = await reached;
  await expect(tools.call('nobody', {}, as())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(tools.call('slow_job', { label: 'a', x: 1 }, as())).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  await expect(tools.call('task_wait', { id: 'run_x', seconds: 100 }, as())).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  await expect(tools.wait('run_none', 0, as())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(begun).toEqual([]);
});

test('a secret that an output repeats is masked', async () => {
  const tools = await reached;
  await tools.call('server_add', { alias: 'web', host: '127.0.0.1', user: 'nobody', password: SECRET }, as());
  const result = await tools.call('echo_twice', { words: SECRET }, as());
  expect(JSON.stringify(result)).not.toContain(SECRET);
});
