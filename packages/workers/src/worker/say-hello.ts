import { isFlotillaError, type Logger } from '@flotilla/core';
import { pause } from '../pause.ts';
import type { Answers } from '../protocol/messages.ts';
import type { HubClient } from './hub-client.ts';

export interface WorkerIdentity {
  /** Unique among the workers of a hub. */
  worker: string;
  version: string;
  lanes: readonly string[];
  labels: readonly string[];
}

const LONGEST_WAIT_MS = 10_000;

/** Introduces this worker, and waits for a hub that is away. Throws what the hub has against it. */
export async function sayHello(
  client: HubClient,
  who: WorkerIdentity,
  log: Logger,
  stop: AbortSignal,
): Promise<Answers['hello']> {
  for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const sentAt = Date.now();
      const body = { ...who, lanes: [...who.lanes], labels: [...who.labels] };
      const answer = await client.ask('hello', body, { signal: stop });
      client.setClock(answer.now, sentAt);
      return answer;
    } catch (error) {
      if (stop.aborted || !isFlotillaError(error) || error.code !== 'SERVER_UNAVAILABLE') throw error;
      log.warn({ err: error }, 'the hub cannot be reached; trying again');
    }
    await pause(waitMs, stop);
  }
}
