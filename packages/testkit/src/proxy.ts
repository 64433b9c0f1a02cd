import { connect, createServer, type Socket } from 'node:net';

export interface ProxyOptions {
  /** Port to forward to. */
  port: number;
  /** Host to forward to, default 127.0.0.1. */
  host?: string;
  /** Delay of every byte in each direction: half of the round trip. Default 0. */
  delayMs?: number;
}

export interface TestProxy {
  host: string;
  port: number;
  /** Connections accepted so far. */
  accepted(): number;
  /** Open connections. */
  open(): number;
  /** Resets all open connections; new ones are still accepted. */
  cut(): void;
  /** Half-open: bytes are no longer passed on, in either direction, and nothing is closed. Also for new connections. */
  freeze(): void;
  /** Passes on what was held back. */
  resume(): void;
  /** New connections are closed at once, as a full sshd does. */
  refuse(refused: boolean): void;
  stop(): Promise<void>;
}

const TURNS_MS = 2;
/** More chunks than this under way are a stream: its rate counts, not the moment of each. */
const FEW = 4;

/** A TCP proxy on a loopback port that delays, freezes and cuts. */
export async function startProxy(options: ProxyOptions): Promise<TestProxy> {
  const { port, host = '127.0.0.1', delayMs = 0 } = options;
  const pairs = new Set<{ ends: Socket[]; flush(): void }>();
  let accepted = 0;
  let frozen = false;
  let refused = false;

  /** Copies one direction: each chunk leaves `delayMs` after it came, in order. */
  function pipe(from: Socket, to: Socket): () => void {
    const held: { at: number; chunk: Buffer | null }[] = [];
    let timer: NodeJS.Timeout | undefined;
    let turn: NodeJS.Immediate | undefined;
    const flush = (): void => {
      clearTimeout(timer);
      clearImmediate(turn);
      timer = undefined;
      turn = undefined;
      while (!frozen && held[0] && held[0].at <= performance.now()) {
        const { chunk } = held.shift() as (typeof held)[number];
        if (to.destroyed) continue;
        if (chunk === null) to.end();
        else to.write(chunk);
      }
      if (!frozen && held[0]) wait(held[0].at - performance.now());
    };
    /** Timers fire up to 2 ms late, which two directions add to every round trip: the last of it is spent in turns. */
    const wait = (ms: number): void => {
      if (ms > TURNS_MS || held.length > FEW) timer = setTimeout(flush, Math.max(1, ms - TURNS_MS));
      else turn = setImmediate(flush);
    };
    const push = (chunk: Buffer | null): void => {
      held.push({ at: performance.now() + delayMs, chunk });
      if (held.length === 1 && timer === undefined && turn === undefined) flush();
    };
    from.on('data', push);
    from.on('end', () => push(null));
    from.on('close', () => push(null));
    to.on('close', () => {
      clearTimeout(timer);
      clearImmediate(turn);
    });
    return flush;
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    accepted++;
    client.on('error', () => undefined);
    if (refused) return void client.destroy();
    const target = connect({ port, host, noDelay: true, allowHalfOpen: true });
    target.on('error', () => client.destroy());
    const flushes = [pipe(client, target), pipe(target, client)];
    const pair = { ends: [client, target], flush: () => flushes.forEach((flush) => void flush()) };
    pairs.add(pair);
    for (const end of pair.ends)
      end.on('close', () => {
        if (pair.ends.every((other) => other.destroyed)) pairs.delete(pair);
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const cut = (): void => {
    for (const pair of pairs) for (const end of pair.ends) end.resetAndDestroy();
  };
  return {
    host: '127.0.0.1',
    port: typeof address === 'object' && address ? address.port : 0,
    accepted: () => accepted,
    open: () => pairs.size,
    cut,
    freeze: () => {
      frozen = true;
    },
    resume: () => {
      frozen = false;
      for (const pair of pairs) pair.flush();
    },
    refuse: (value) => {
      refused = value;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
