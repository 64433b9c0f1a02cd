import type { KnownTool, ServiceHost } from '@flotilla/core';
import type { Book } from '../book.ts';
import { openCall } from '../store/sealed-call.ts';
import type { Firing } from '../store/types.ts';

/** The process of a call that has not moved its counter for so long is gone. */
const SILENT_MS = 5_000;
/** What one look adds at most: time in which this process was frozen itself does not count. */
const MAX_STEP_MS = 1_500;

export interface Orphans {
  /** Those of the calls whose processes are gone. */
  among(calling: readonly Firing[]): Firing[];
}

/** Tells by counters and this process's monotonic clock alone which calls nobody makes any more. */
export function createOrphans(isOurs: (firing: Firing) => boolean): Orphans {
  const seen = new Map<number, { caller: string | undefined; beat: number; silentMs: number }>();
  let lookedAt = performance.now();
  return {
    among(calling) {
      const now = performance.now();
      const passed = Math.min(now - lookedAt, MAX_STEP_MS);
      lookedAt = now;
      for (const id of seen.keys()) if (!calling.some((one) => one.id === id)) seen.delete(id);
      return calling.filter((one) => {
        if (isOurs(one)) return false;
        const { id, caller, beat } = one;
        const before = seen.get(id);
        const same = before?.beat === beat && before.caller === caller;
        const silentMs = same ? before.silentMs + passed : 0;
        seen.set(id, { caller, beat, silentMs });
        return silentMs >= SILENT_MS;
      });
    },
  };
}

/**
 * Takes over a call whose process is gone: one that is or would be a run, and one that only looks, is made again (the key
 * finds the run that is there already); of any other nobody knows whether it happened, and that is said. undefined:
 * there is nothing to call, or not yet.
 */
export async function adopt(
  host: ServiceHost,
  { firings, calls, tools }: Pick<Book, 'firings' | 'calls' | 'tools'>,
  { id, schedule, caller }: Firing,
): Promise<Firing | undefined> {
  const sealed = firings.call(id);
  if (sealed === undefined) return undefined;
  const { tool, args } = openCall(host.cipher, schedule, sealed);
  const known = host.calls.find(tool);
  if (!known && tools.mayCome()) return undefined;
  if (known && (known.job || onlyLooks(known, args))) {
    const ours = await firings.takeOver(id, caller, calls.caller);
    return ours ? firings.get(id) : undefined;
  }
  await firings.end(id, {
    state: 'interrupted',
    reason: 'the process that made the call ended in the middle; whether it took effect is not known',
  });
  return undefined;
}

/** Arguments that are not accepted any more change nothing. */
function onlyLooks(known: KnownTool, args: Record<string, unknown>): boolean {
  try {
    return known.check(args).effect === 'read';
  } catch {
    return true;
  }
}
