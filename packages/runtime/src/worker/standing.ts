import { setTimeout as delay } from 'node:timers/promises';
import { isFlotillaError, type ServerDefinition } from '@flotilla/core';
import type { WorkerServices } from './worker-services.ts';

const RENEW_MS = 15_000;
const KEY = 'standing';

/**
 * For servers that work in the background: all hosts. Resolves when they are leased, or the hub does not grant them; it
 * may be away, then they come with a later renewal.
 */
export async function takeStanding(
  { leased, log }: Pick<WorkerServices, 'leased' | 'log'>,
  servers: readonly ServerDefinition[],
): Promise<void> {
  if (!servers.some(({ background = [] }) => background.length > 0)) return;
  try {
    await leased.fetch(KEY, { standing: true });
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    const words =
      error.code === 'DENIED'
        ? 'the token of this worker gives it no hosts to watch'
        : 'the hosts to watch are fetched later';
    log.warn({ err: error }, words);
    if (error.code !== 'DENIED')
      leased.hold(KEY, { standing: true }, { records: [], views: {}, failures: {} });
  }
}

/** Keeps what is leased for long as it is at the hub. */
export async function keepLeases(
  { leased }: Pick<WorkerServices, 'leased'>,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    await delay(RENEW_MS / 3, undefined, { signal: stop, ref: false }).catch(() => undefined);
    if (!stop.aborted) await leased.renew(RENEW_MS);
  }
}
