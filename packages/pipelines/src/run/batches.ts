import type { ForEach } from '../definition/schema.ts';

/**
 * The items in batches. Whether a further batch begins is decided when the one before it has ended, from recorded
 * outcomes alone: a run that is taken up after a crash decides the same. Without a rule to stop there is one batch, of
 * which `maxParallel` are under way at a time.
 */
export function batchesOf<T>(items: readonly T[], rules: ForEach): T[][] {
  const { maxParallel, canary, stopAfterFailures } = rules;
  const batches: T[][] = [];
  let at = 0;
  if (canary !== undefined && items.length > 0) {
    batches.push(items.slice(0, canary));
    at = canary;
  }
  const size = stopAfterFailures === undefined ? Math.max(1, items.length - at) : maxParallel;
  for (; at < items.length; at += size) batches.push(items.slice(at, at + size));
  return batches;
}

/** May the batch with this index begin? */
export function mayBegin(index: number, failures: number, { canary, stopAfterFailures }: ForEach): boolean {
  if (index === 0) return true;
  if (canary !== undefined && index === 1 && failures > 0) return false;
  return stopAfterFailures === undefined || failures < stopAfterFailures;
}
