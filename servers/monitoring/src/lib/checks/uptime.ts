import type { CheckStatus } from './verdict.ts';

export interface Change {
  at: number;
  status: CheckStatus;
}

/**
 * Share of the time in a window in which the check was up, of the time in which it was up or down; undefined when it
 * was never known. `changes` in order of time, the one before the window included.
 */
export function uptimePercent(changes: readonly Change[], fromMs: number, toMs: number): number | undefined {
  let up = 0;
  let known = 0;
  changes.forEach((change, at) => {
    const begin = Math.max(change.at, fromMs);
    const end = Math.min(changes[at + 1]?.at ?? toMs, toMs);
    if (end <= begin || change.status === 'unknown') return;
    known += end - begin;
    if (change.status === 'up') up += end - begin;
  });
  if (known === 0) return undefined;
  // Never rounded up to 100: a minute in a month must show.
  return Math.floor((up / known) * 1e5) / 1e3;
}
