import { setTimeout as delay } from 'node:timers/promises';

/** The session channels of one connection, as many as its server turns out to allow. */
export interface SessionSlots {
  /** Sessions this server allows; Infinity until it refused one. */
  capacity(): number;
  /** Opens a session; a refused one is tried again, in the end whenever another session closes. */
  open<T extends SessionChannel>(opener: () => Promise<T>): Promise<T>;
}

interface SessionChannel {
  once(event: 'close', listener: () => void): unknown;
}

export interface SlotsInput {
  /** Whether an error means that the server refused to open a channel. */
  isRefusal(error: unknown): boolean;
  /** Settles when the connection is gone. */
  closed: Promise<unknown>;
  /** Called when sessions wait for others to close. */
  onStarved(): void;
}

/** sshd frees the place of a closed session a little later than we do. */
const RETRIES_MS = [10, 25, 60, 150, 400];
const PATIENCE_MS = 30_000;

export function sessionSlots({ isRefusal, closed, onStarved }: SlotsInput): SessionSlots {
  let openNow = 0;
  let capacity = Number.POSITIVE_INFINITY;
  const waiting = new Set<() => void>();

  async function once<T extends SessionChannel>(opener: () => Promise<T>): Promise<T> {
    const channel = await opener();
    openNow++;
    channel.once('close', () => {
      openNow--;
      for (const wake of [...waiting]) wake();
    });
    return channel;
  }

  /** Until a session closes, the link is gone, or a second passed. */
  function untilOneCloses(): Promise<unknown> {
    onStarved();
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    waiting.add(wake);
    const timer = setTimeout(wake, 1_000);
    return Promise.race([woken, closed]).finally(() => {
      waiting.delete(wake);
      clearTimeout(timer);
    });
  }

  return {
    capacity: () => capacity,
    async open(opener) {
      const deadline = Date.now() + PATIENCE_MS;
      for (let attempt = 0; ; attempt++) {
        try {
          return await once(opener);
        } catch (error) {
          if (!isRefusal(error)) throw error;
          const wait = RETRIES_MS[attempt];
          if (wait !== undefined) await Promise.race([delay(wait * (0.5 + Math.random())), closed]);
          else if (openNow === 0 || Date.now() > deadline) throw error;
          else {
            capacity = Math.max(1, Math.min(capacity, openNow));
            await untilOneCloses();
          }
        }
      }
    },
  };
}
