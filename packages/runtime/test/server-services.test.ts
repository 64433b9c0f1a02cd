import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BackgroundWork,
  defineServer,
  defineService,
  defineTool,
  type ServerDefinition,
  silentLogger,
} from '@flotilla/core';
import { waitFor } from '@flotilla/testkit';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { createRuntime, openProcess, type Runtime } from '../src/index.ts';

const homes: string[] = [];
const runtimes: Runtime[] = [];
afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true });
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'flotilla-runtime-'));
  homes.push(home);
  return home;
}

async function open(
  server: ServerDefinition,
  options: { home?: string; config?: object; background?: boolean } = {},
): Promise<Runtime> {
  const home = options.home ?? newHome();
  const base = await openProcess({ HOME: home, LOG_LEVEL: 'fatal' });
  const runtime = await createRuntime({
    ...base,
    log: silentLogger,
    config: { ...base.config, servers: { counter: options.config ?? {} } as never },
    servers: [server],
    ...(options.background && { background: true }),
  });
  runtimes.push(runtime);
  return runtime;
}

interface Tally {
  opened: number;
  closed: number;
  failFirst: boolean;
}

function counterServer(
  tally: Tally,
  background: BackgroundWork[] = [],
  pages: ServerDefinition['pages'] = [],
): ServerDefinition {
  const counter = defineService({
    name: 'counter',
    open: (host) => {
      tally.opened++;
      if (tally.failFirst && tally.opened === 1) throw new Error('not yet');
      return {
        next: (step: number) =>
          host.state.write((sql) => {
            sql.run('INSERT INTO counter_row (n) VALUES (?)', [step]);
            return sql.get<{ total: number }>('SELECT sum(n) AS total FROM counter_row')?.total ?? 0;
          }),
        step: host.config['step'] as number,
      };
    },
    close: () => {
      tally.closed++;
    },
  });
  const tool = defineTool({
    name: 'counter_next',
    title: 'Next',
    description: 'Counts.',
    effect: 'write',
    input: z.object({}),
    output: z.object({ total: z.number() }),
    run: async (context) => {
      const opened = await context.use(counter);
      return { total: await opened.next(opened.step) };
    },
  });
  const job = defineTool({
    ...tool,
    name: 'counter_job',
    job: { timeoutMs: 0, summary: () => 'count' },
  } as never);
  return defineServer({
    name: 'counter',
    title: 'Counter',
    instructions: '',
    tools: [tool, job as never],
    schema: { name: 'counter', migrations: ['CREATE TABLE counter_row (n INTEGER NOT NULL) STRICT'] },
    config: z.object({ step: z.int().min(1).default(1) }),
    background,
    pages,
  });
}

async function call(runtime: Runtime, name: string) {
  const compiled = runtime.lanes.get('counter')?.find(({ tool }) => tool.name === name);
  if (!compiled) throw new Error(name);
  const signal = new AbortController().signal;
  return runtime.call(compiled, { name, args: {}, principal: { id: 'cli:0', kind: 'cli' } as never, signal });
}

test('a service is opened once, shared by inline and job tools, stores in the state file, and is closed', async () => {
  const tally = { opened: 0, closed: 0, failFirst: false };
  const runtime = await open(counterServer(tally), { config: { step: 5 } });
  expect(tally.opened).toBe(0);
  const [first, second] = await Promise.all([call(runtime, 'counter_next'), call(runtime, 'counter_job')]);
  const totals = [first, second].map((answer) => (answer.structuredContent as { total: number }).total);
  expect(totals.sort((a, b) => a - b)).toEqual([5, 10]);
  expect(tally).toMatchObject({ opened: 1, closed: 0 });
  await runtimes.pop()?.close();
  expect(tally.closed).toBe(1);
});

test('a service that could not be opened is tried again by the next call', async () => {
  const tally = { opened: 0, closed: 0, failFirst: true };
  const runtime = await open(counterServer(tally));
  expect((await call(runtime, 'counter_next')).isError).toBe(true);
  expect((await call(runtime, 'counter_next')).structuredContent).toEqual({ total: 1 });
});

test('a wrong or unknown setting of a server refuses to start and names the key', async () => {
  const server = counterServer({ opened: 0, closed: 0, failFirst: false });
  await expect(open(server, { config: { step: 'x' } })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    details: { key: 'servers.counter.step' },
  });
  await expect(open(server, { config: { stepp: 1 } })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('stepp'),
  });
});

test('background work runs in one process at a time, is started again after a failure, and is taken over', async () => {
  const home = newHome();
  const running = new Set<string>();
  const starts: string[] = [];
  let most = 0;
  const work = (name: string): BackgroundWork => ({
    name: 'beat',
    run: async (_host, signal) => {
      starts.push(name);
      if (starts.length === 1) throw new Error('the first try fails');
      running.add(name);
      most = Math.max(most, running.size);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      running.delete(name);
    },
  });
  const tally = { opened: 0, closed: 0, failFirst: false };
  const first = await open(counterServer(tally, [work('a')]), { home, background: true });
  await waitFor(() => running.has('a'), { what: 'the second try' });
  const second = await open(counterServer(tally, [work('b')]), { home, background: true });
  await open(counterServer(tally, [work('never')]), { home });
  runtimes.splice(runtimes.indexOf(first), 1);
  await first.close();
  await waitFor(() => running.has('b'), { what: 'the other process to take over' });
  expect(most).toBe(1);
  expect(starts).toEqual(['a', 'a', 'b']);
  runtimes.splice(runtimes.indexOf(second), 1);
  await second.close();
  expect(running.size).toBe(0);
});

test('a page of a server reads what its services have', async () => {
  const tally = { opened: 0, closed: 0, failFirst: false };
  const page = {
    path: '/count',
    render: async (host: { config: Readonly<Record<string, unknown>> }) => ({
      type: 'text/plain',
      body: `step ${host.config['step']}`,
    }),
  };
  const runtime = await open(counterServer(tally, [], [page]), { config: { step: 7 } });
  const [bound] = runtime.pages;
  expect(bound?.path).toBe('/count');
  expect(await bound?.render?.()).toEqual({ type: 'text/plain', body: 'step 7' });
});
