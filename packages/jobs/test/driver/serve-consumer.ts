import type { Delivery, Settlement, Ticket, TicketDriver } from '../../src/index.ts';

/** Environment variable: by how many milliseconds the wall clock of the process is ahead. */
export const SKEW = 'FLOTILLA_TEST_SKEW_MS';

type Command =
  | { do: 'enqueue'; ticket: Ticket }
  | { do: 'settle'; id: string; settlement: Settlement }
  | { do: 'touch'; id: string }
  | { do: 'block'; ms: number };

/** The child's side of `spawnConsumer`: opens the driver, consumes one lane and does what the test asks over IPC. */
export async function serveConsumer(
  driver: TicketDriver,
  { lane, concurrency, hold }: { lane: string; concurrency: number; hold: boolean },
): Promise<void> {
  const skewMs = Number(process.env[SKEW] ?? 0);
  if (skewMs !== 0) {
    const right = Date.now;
    Date.now = () => right() + skewMs;
  }
  const held = new Map<string, { delivery: Delivery; finish(settlement: Settlement): void }>();

  async function perform(command: Command): Promise<unknown> {
    switch (command.do) {
      case 'enqueue':
        return driver.enqueue(command.ticket);
      case 'touch':
        return held.get(command.id)?.delivery.touch();
      case 'settle': {
        const one = held.get(command.id);
        const taken = await driver.settle(command.id, one?.delivery.fence ?? -1, command.settlement);
        one?.finish(command.settlement);
        return taken;
      }
      case 'block':
        return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, command.ms);
    }
  }

  process.on('message', ({ n, command }: { n: number; command: Command }) => {
    perform(command).then(
      (value) => process.send?.({ n, value }),
      (error: unknown) => process.send?.({ n, error: String(error) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  await driver.open();
  driver.consume(lane, {
    concurrency: concurrency,
    handler(delivery) {
      const { id } = delivery.ticket;
      process.send?.({ event: 'delivered', id, fence: delivery.fence, redelivered: delivery.redelivered });
      delivery.onLost(() => process.send?.({ event: 'lost', id }));
      const cancelled = (): unknown =>
        delivery.signal.reason === 'cancel' && process.send?.({ event: 'cancelled', id });
      if (delivery.signal.aborted) cancelled();
      else delivery.signal.addEventListener('abort', cancelled);
      if (!hold) return Promise.resolve('done' as const);
      return new Promise<Settlement>((finish) => held.set(id, { delivery, finish }));
    },
  });
  process.send?.('ready');
}
