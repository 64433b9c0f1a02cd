import { setTimeout as delay } from 'node:timers/promises';
import { isFlotillaError, type ServerDefinition } from '@flotilla/core';
import type { WorkerServices } from './worker-services.ts';

const EVERY_MS = 15_000;
const KEY = 'standing';

export interface Standing {
  ended: Promise<void>;
}

/**
 * For servers that work in the background: all hosts, renewed from time to time. Resolves when they are there, or the
 * hub does not grant them; what it resolves with ends with `stop`.
 */
export async function keepStanding(
  { leased, log }: Pick<WorkerServices, 'leased' | 'log'>,
  servers: readonly ServerDefinition[],
  stop: AbortSignal,
): Promise<Standing | undefined> {
  if (!servers.some(({ background = [] }) => background.length > 0)) return undefined;
  const renew = async (): Promise<boolean> => {
    try {
      await leased.fetch(KEY, { standing: true });
      return true;
    } catch (error) {
      if (isFlotillaError(error) && error.code === 'DENIED') {
        log.warn({ err: error }, 'the token of this worker gives it no hosts to watch');
        return false;
      }
      return true;
    }
  };
  if (!(await renew())) return undefined;
  const loop = async (): Promise<void> => {
    while (!stop.aborted) {
      await delay(EVERY_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
      if (!stop.aborted && !(await renew())) return;
    }
  };
  return { ended: loop() };
}
