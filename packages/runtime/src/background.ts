import { setTimeout as delay } from 'node:timers/promises';
import type { BackgroundWork, ServiceHost } from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';

/** Time between two tries to become the one process that does a piece of work. */
const TAKEOVER_MS = 3_000;
const MAX_PAUSE_MS = 60_000;

export interface Background {
  stop(): Promise<void>;
}

/** Keeps the background work of a server going in one process of the data folder at a time. */
export function startBackground(
  name: string,
  work: readonly BackgroundWork[],
  host: ServiceHost,
  engine: Pick<RunsEngine, 'exclusively'>,
): Background {
  const stopping = new AbortController();
  const wanted = work.filter((one) => one.wanted?.(host) !== false);
  const loops = wanted.map((one) => keepGoing(`${name}/${one.name}`, one, host, engine, stopping.signal));
  return {
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function keepGoing(
  lease: string,
  work: BackgroundWork,
  host: ServiceHost,
  engine: Pick<RunsEngine, 'exclusively'>,
  stopping: AbortSignal,
): Promise<void> {
  for (let failures = 0; !stopping.aborted; ) {
    const started = performance.now();
    try {
      await engine.exclusively(lease, (lost) => work.run(host, AbortSignal.any([stopping, lost])));
      failures = 0;
    } catch (error) {
      if (stopping.aborted) return;
      failures = performance.now() - started > MAX_PAUSE_MS ? 1 : failures + 1;
      host.log.warn({ err: error, work: work.name }, 'background work failed and is started again');
    }
    const pauseMs = Math.min(TAKEOVER_MS * 2 ** Math.max(0, failures - 1), MAX_PAUSE_MS);
    await delay(pauseMs, undefined, { signal: stopping, ref: false }).catch(() => undefined);
  }
}
