import { setTimeout as delay } from 'node:timers/promises';
import type { BackgroundWork } from '@flotilla/core';
import type { CheckDefinition } from './definition.ts';
import { runCheck } from './run-check.ts';
import { checks, eyes } from './service.ts';

const TICK_MS = 1000;
const MAX_AT_ONCE = 20;

/**
 * When each check is due. A new check is due at once; one that is late is run once, not once per missed time; checks of
 * one interval are spread over it by their names.
 */
export function createPlan(): { due(checks: readonly CheckDefinition[], now: number): CheckDefinition[] } {
  const next = new Map<string, { at: number; key: string }>();
  return {
    due(all, now) {
      const known = new Set(all.map(({ name }) => name));
      for (const name of next.keys()) if (!known.has(name)) next.delete(name);
      return all.filter((check) => {
        const interval = check.intervalSeconds * 1000;
        const key = JSON.stringify(check);
        const planned = next.get(check.name);
        // Farther off than an interval: the clock was put back.
        const valid = planned?.key === key && planned.at <= now + interval;
        if (valid && planned.at > now) return false;
        const base = valid ? planned.at : now - spread(check.name, interval);
        const missed = Math.floor((now - base) / interval) + 1;
        next.set(check.name, { at: base + missed * interval, key });
        return true;
      });
    },
  };
}

/** A fixed share of the interval for each name, at most a third of it. */
function spread(name: string, interval: number): number {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return Math.floor((interval / 3) * (sum / 997));
}

/** Runs the checks that are due, in one process of the data folder. */
export const checkScheduler: BackgroundWork = {
  name: 'checks',
  async run(host, signal) {
    const [store, looking] = await Promise.all([host.use(checks), host.use(eyes)]);
    const plan = createPlan();
    const running = new Set<string>();
    const waiting: CheckDefinition[] = [];
    const start = (check: CheckDefinition): void => {
      running.add(check.name);
      runCheck({ eyes: looking, store, signal }, check)
        .then((result) => {
          if (result.changed)
            host.log.info(
              { check: check.name, status: result.status, reason: result.reason },
              'a check changed',
            );
        })
        .catch((error: unknown) => {
          if (!signal.aborted) host.log.warn({ err: error, check: check.name }, 'a check could not be run');
        })
        .finally(() => running.delete(check.name));
    };
    while (!signal.aborted) {
      for (const check of plan.due(store.list(), Date.now()))
        if (!running.has(check.name) && !waiting.some(({ name }) => name === check.name)) waiting.push(check);
      while (waiting.length > 0 && running.size < MAX_AT_ONCE) start(waiting.shift() as CheckDefinition);
      await delay(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  },
};
