import type { Holder } from './pooled-link.ts';

/** How long a holder that was asked for its channel counts as about to give it back. */
export const RECLAIM_PATIENCE_MS = 2_000;

/**
 * Asks idle holders to give their channel back, as many as are wanted. Returns how many channels are on their
 * way, those asked for earlier included.
 */
export function reclaimIdle(holders: Iterable<Holder>, wanted: number, now: number): number {
  let coming = 0;
  for (const holder of holders) {
    if (coming >= wanted) break;
    if (!holder.idle || !holder.reclaim) continue;
    if (holder.reclaimedAt === 0) {
      holder.reclaimedAt = now;
      queueMicrotask(holder.reclaim);
    }
    if (now - holder.reclaimedAt < RECLAIM_PATIENCE_MS) coming++;
  }
  return coming;
}
