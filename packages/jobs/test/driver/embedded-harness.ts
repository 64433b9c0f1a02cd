import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StateStore } from '@flotilla/store';
import { onTestFinished } from 'vitest';
import { EmbeddedDriver } from '../../src/driver/embedded.ts';
import { jobsSchema, type TicketDriver } from '../../src/index.ts';
import { ForeignWatch } from '../../src/store/foreign-watch.ts';
import type { DriverHarness, RemoteConsumer } from './harness.ts';

const LEASE_MS = 1_000;
const script = fileURLToPath(new URL('../fixtures/consumer-process.ts', import.meta.url));

type Message =
  | 'ready'
  | { event: 'delivered'; id: string; fence: number; redelivered: boolean }
  | { event: 'lost' | 'cancelled'; id: string }
  | { n: number; value?: unknown; error?: string };

/** The embedded driver on a state file of its own. */
export function embeddedHarness(): DriverHarness {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-driver-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return {
    leaseMs: LEASE_MS,
    now: Date.now,
    async open(): Promise<TicketDriver> {
      const store = StateStore.open({ file: join(folder, 'state.sqlite'), parts: [jobsSchema] });
      const watch = new ForeignWatch(store);
      const driver = new EmbeddedDriver({ store, watch, leaseMs: LEASE_MS });
      await driver.open();
      onTestFinished(async () => {
        await driver.close();
        watch.stop();
        await store.close();
      });
      return driver;
    },
    spawn: (lane, { concurrency, hold }) =>
      spawnConsumer([folder, String(LEASE_MS), lane, String(concurrency), hold ? 'hold' : 'go']),
  };
}

async function spawnConsumer(args: string[]): Promise<RemoteConsumer> {
  const child = fork(script, args, { execArgv: ['--conditions=@flotilla/source'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await exited;
  });
  const consumer = remote(child, exited);
  await consumer.ready;
  return consumer;
}

function remote(child: ChildProcess, exited: Promise<void>): RemoteConsumer & { ready: Promise<void> } {
  const asked = new Map<number, (value: unknown) => void>();
  let number = 0;
  const ask = <T>(command: object): Promise<T> =>
    new Promise<T>((resolve) => {
      asked.set(++number, (value) => resolve(value as T));
      child.send({ n: number, command });
    });
  const consumer: RemoteConsumer = {
    deliveries: [],
    lost: [],
    cancelled: [],
    enqueue: (ticket) => ask({ do: 'enqueue', ticket }),
    settle: (id, settlement = 'done') => ask({ do: 'settle', id, settlement }),
    touch: (id) => ask({ do: 'touch', id }),
    block: (ms) => ask({ do: 'block', ms }),
    async kill(signal) {
      child.kill(signal);
      if (signal === 'SIGKILL') await exited;
    },
  };
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message: Message) => {
      if (message === 'ready') return resolve();
      if ('n' in message) return asked.get(message.n)?.(message.value);
      if (message.event === 'delivered') consumer.deliveries.push(message);
      else consumer[message.event].push(message.id);
    });
  });
  return { ...consumer, ready };
}
