import { type ChildProcess, fork } from 'node:child_process';
import { onTestFinished } from 'vitest';
import type { RemoteConsumer } from './harness.ts';
import { SKEW } from './serve-consumer.ts';

type Message =
  | 'ready'
  | { event: 'delivered'; id: string; fence: number; redelivered: boolean }
  | { event: 'lost' | 'cancelled'; id: string }
  | { n: number; value?: unknown; error?: string };

/** A process of `script`, which ends in `serveConsumer`; killed with the test. */
export async function spawnConsumer(
  script: string,
  args: readonly string[],
  skewMs = 0,
): Promise<RemoteConsumer> {
  const child = fork(script, args, {
    execArgv: ['--conditions=@flotilla/source'],
    env: { ...process.env, [SKEW]: String(skewMs) },
  });
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
