import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BullmqDriver } from '@flotilla/bullmq';
import { type CommandRunner, type Principal, silentLogger } from '@flotilla/core';
import { createRunsEngine, jobsSchema, type RunsEngine, type TicketDriver } from '@flotilla/jobs';
import { createLeases } from '@flotilla/jobs/driver';
import { StateStore } from '@flotilla/store';
import { Queue, Worker } from 'bullmq';

/** Something that takes work, starts it somewhere and ends it. */
export interface Subject {
  name: string;
  /** Resolves when the work has been accepted. */
  submit(key: string): Promise<void>;
  /** Called with the key when its handler starts. */
  onStart(listener: (key: string) => void): void;
  /** Ends the work of a key for good; by then it survives a kill. */
  ended(key: string): Promise<void>;
  close(): Promise<void>;
}

const CONCURRENCY = 64;
const PRINCIPAL: Principal = { id: 'bench', kind: 'stdio' };

/** Who waits for the start or the end of which key. */
function announcer() {
  const listeners: ((key: string) => void)[] = [];
  return {
    on: (listener: (key: string) => void) => void listeners.push(listener),
    tell: (key: string) => {
      for (const listener of listeners) listener(key);
    },
  };
}

function endings() {
  const ended = new Set<string>();
  const waiting = new Map<string, () => void>();
  return {
    tell(key: string): void {
      const wake = waiting.get(key);
      if (wake) wake();
      else ended.add(key);
      waiting.delete(key);
    },
    of: (key: string): Promise<void> =>
      ended.delete(key) ? Promise.resolve() : new Promise((resolve) => waiting.set(key, resolve)),
  };
}

export async function rawBullmq(port: number): Promise<Subject> {
  const started = announcer();
  const done = endings();
  const name = `raw-${randomBytes(4).toString('hex')}`;
  const connection = { host: '127.0.0.1', port };
  const queue = new Queue(name, { connection });
  const worker = new Worker(name, async (job) => started.tell(String(job.id)), {
    connection,
    concurrency: CONCURRENCY,
    removeOnComplete: { count: 0 },
  });
  worker.on('completed', (job) => done.tell(String(job.id)));
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  return {
    name: 'BullMQ itself',
    submit: async (key) => void (await queue.add('job', { key }, { jobId: key })),
    onStart: started.on,
    ended: done.of,
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
}

export async function bullmqDriver(url: string): Promise<Subject> {
  const started = announcer();
  const done = endings();
  const driver = new BullmqDriver({ url, fleet: randomBytes(4).toString('hex') });
  await driver.open();
  driver.consume('bench', {
    concurrency: CONCURRENCY,
    handler: async ({ ticket, fence }) => {
      started.tell(ticket.id);
      await driver.settle(ticket.id, fence, 'done');
      done.tell(ticket.id);
      return 'done';
    },
  });
  return {
    name: 'our driver over it',
    submit: async (key) => void (await driver.enqueue({ id: key, lane: 'bench' })),
    onStart: started.on,
    ended: done.of,
    close: () => driver.close(),
  };
}

const PLAIN = { seal: (text: string) => text, open: (text: string) => text };

export interface EngineSubject extends Subject {
  engine: RunsEngine;
}

/** Runs of a tool that does nothing, stored durably. With `url` their tickets are in Redis. */
export async function engineOver(
  name: string,
  options: { url?: string; maxOpenRuns?: number; concurrency?: number; gate?: Promise<void> } = {},
): Promise<EngineSubject> {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-bench-'));
  const store = StateStore.open({ file: join(folder, 'state.sqlite'), parts: [jobsSchema] });
  const driver: TicketDriver | undefined =
    options.url === undefined
      ? undefined
      : new BullmqDriver({
          url: options.url,
          fleet: randomBytes(4).toString('hex'),
          leases: createLeases({ store }),
        });
  const engine = createRunsEngine({
    store,
    runner: {} as CommandRunner,
    cipher: PLAIN,
    log: silentLogger,
    outputDir: join(folder, 'output'),
    limits: {
      concurrency: options.concurrency ?? CONCURRENCY,
      maxOpenRuns: options.maxOpenRuns ?? 1_000,
    },
    ...(driver && { driver }),
  });
  const started = announcer();
  const ids = new Map<string, string>();
  engine.register([
    {
      lane: 'bench',
      tool: 'noop',
      timeoutMs: 0,
      run: async (_job, args) => {
        started.tell(String(args['key']));
        await options.gate;
        return {};
      },
    },
  ]);
  await engine.start();
  return {
    name,
    engine,
    async submit(key) {
      const request = { tool: 'noop', lane: 'bench', args: { key }, secretPaths: [], principal: PRINCIPAL };
      const { id } = await engine.runs.submit({ ...request, aliases: [], summary: key });
      ids.set(key, id);
    },
    onStart: started.on,
    async ended(key) {
      const id = ids.get(key) ?? '';
      ids.delete(key);
      const run = await engine.runs.wait(id, 60_000);
      if (run.state !== 'succeeded') throw new Error(`a run ended as ${run.state}`);
    },
    async close() {
      await engine.stop();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
