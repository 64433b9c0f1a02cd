/**
 * What the engine costs without a network: node --conditions=@flotilla/source bench/runs.ts
 * Prints durable runs per second, submit → handler start, memory with 10,000 open runs, and a 200-host fan-out.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CommandRunner,
  type CommandState,
  forEachHost,
  type Principal,
  type RunRequest,
  silentLogger,
} from '@flotilla/core';
import { StateStore } from '@flotilla/store';
import { createRunsEngine, type JobHandler, jobsSchema } from '../src/index.ts';
import { testCipher } from '../test/fixtures/cipher.ts';

const principal: Principal = { id: 'stdio:0', kind: 'stdio' };
const ended: CommandState = {
  state: 'ended',
  outcome: {
    exitCode: 0,
    signal: null,
    timedOut: false,
    cancelled: false,
    stdoutBytes: 6,
    stderrBytes: 0,
    droppedBytes: 0,
    durationMs: 1,
  },
};
/** Answers at once: what is left is the engine. */
const runner: CommandRunner = {
  start: async (_alias, _id, _spec, options) => {
    options.onStarted?.();
    options.onOutput?.('stdout', 0, Buffer.from('hello\n'));
    return ended;
  },
  attach: async () => ended,
  status: async () => ended,
  cancel: async () => ({ state: 'had_ended' }),
  answer: async () => undefined,
  forget: async () => undefined,
};

let startedAt = 0;
const handlers: JobHandler[] = [
  { lane: 'bench', tool: 'noop', timeoutMs: 0, run: async () => ({}) },
  {
    lane: 'bench',
    tool: 'start',
    timeoutMs: 0,
    run: async () => {
      startedAt = performance.now();
      return {};
    },
  },
  {
    lane: 'bench',
    tool: 'exec',
    timeoutMs: 0,
    run: async (job) => ({ ...(await job.step.command('exec', 'web1', { command: 'echo hello' })) }),
  },
  {
    lane: 'bench',
    tool: 'fan',
    timeoutMs: 0,
    run: async (job, args) => {
      const rows = await forEachHost(args['aliases'] as string[], { maxParallel: 20 }, (alias) =>
        job.step.command('exec', alias, { command: 'echo hello' }),
      );
      return { ok: rows.filter((row) => row.state === 'ok').length };
    },
  },
];

const folder = mkdtempSync(join(tmpdir(), 'flotilla-bench-jobs-'));
const store = StateStore.open({ file: join(folder, 'state.sqlite'), parts: [jobsSchema] });
const engine = createRunsEngine({
  store,
  runner,
  cipher: testCipher(),
  log: silentLogger,
  outputDir: join(folder, 'output'),
  limits: { maxOpenRuns: 20_000 },
});
engine.register(handlers);
await engine.start();

const print = (line: string): void => void process.stdout.write(`${line}\n`);
let number = 0;
const request = (tool: string, more: Partial<RunRequest> = {}): RunRequest => ({
  tool,
  lane: 'bench',
  args: { n: ++number },
  secretPaths: [],
  principal,
  aliases: ['web1'],
  summary: tool,
  ...more,
});

async function one(tool: string): Promise<void> {
  const { id } = await engine.runs.submit(request(tool));
  const view = await engine.runs.wait(id, 30_000);
  if (view.state !== 'succeeded') throw new Error(`${view.state}: ${JSON.stringify(view.failure)}`);
}

async function rate(tool: string, total: number, inFlight: number): Promise<string> {
  let left = total;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await one(tool);
    }),
  );
  return `${Math.round((total / (performance.now() - begun)) * 1000)}/s`;
}

async function latency(tool: string, times: number, measure: (begun: number) => number): Promise<string> {
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    const begun = performance.now();
    await one(tool);
    took.push(measure(begun));
  }
  took.sort((a, b) => a - b);
  const at = (q: number): string => `${(took[Math.floor(times * q)] ?? 0).toFixed(2)} ms`;
  return `p50 ${at(0.5)}, p95 ${at(0.95)}`;
}

await rate('exec', 500, 16);
print(`runs without a step, 16 in flight:   ${await rate('noop', 5000, 16)}`);
print(`runs of one command, 16 in flight:   ${await rate('exec', 5000, 16)}`);
print(`runs of one command, one by one:     ${await rate('exec', 1000, 1)}`);
print(`submit to handler start, idle:       ${await latency('start', 500, (begun) => startedAt - begun)}`);
print(
  `submit to known end, idle:           ${await latency('exec', 500, (begun) => performance.now() - begun)}`,
);

const aliases = Array.from({ length: 200 }, (_, i) => `host${i}`);
const fanBegun = performance.now();
const fan = await engine.runs.submit(request('fan', { args: { aliases }, aliases }));
const fanEnd = await engine.runs.wait(fan.id, 60_000);
print(
  `one run of 200 hosts:                ${(performance.now() - fanBegun).toFixed(0)} ms, ${fanEnd.steps.length} steps, ${JSON.stringify(fanEnd.output)}`,
);

const before = process.memoryUsage().rss;
const begun = performance.now();
for (let i = 0; i < 10_000; i += 100) {
  await Promise.all(
    Array.from({ length: 100 }, () => engine.runs.submit(request('elsewhere', { lane: 'nobody-consumes' }))),
  );
}
global.gc?.();
print(
  `10,000 open runs:                    ${Math.round(10_000 / ((performance.now() - begun) / 1000))} submits/s, RSS +${((process.memoryUsage().rss - before) / 1024 ** 2).toFixed(0)} MiB`,
);
print(`runs of one command beside them:     ${await rate('exec', 1000, 16)}`);
await engine.stop();
await store.close();
rmSync(folder, { recursive: true });
