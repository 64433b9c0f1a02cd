import type { Logger } from '@flotilla/core';
import { pause } from '../pause.ts';
import type { HubClient } from './hub-client.ts';
import type { WorkerIdentity } from './say-hello.ts';

const ASK_MS = 60_000;
const AWAY_MS = 2_000;

/** Keeps one request open at the hub, by which it sees that this worker is there. */
export async function stayPresent(
  client: HubClient,
  who: WorkerIdentity,
  log: Logger,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    try {
      const { worker, lanes, labels } = who;
      await client.ask(
        'poll',
        { worker, lanes: [...lanes], labels: [...labels] },
        { signal: stop, timeoutMs: ASK_MS },
      );
    } catch (error) {
      if (stop.aborted) return;
      log.debug({ err: error }, 'the hub does not answer');
      await pause(AWAY_MS, stop);
    }
  }
}
