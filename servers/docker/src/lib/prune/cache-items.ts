import type { PruneFacts } from './facts.ts';
import type { Found, PruneOptions } from './prune-plan.ts';

/** Records of the build cache that nothing uses. */
export function cacheItems({ cache }: PruneFacts, { before }: PruneOptions): Found {
  const found: Found = { items: [], kept: [] };
  for (const { ID, Type, InUse, Size, CreatedAt, LastUsedAt } of cache) {
    const name = `${Type || 'cache'} ${ID.slice(0, 12)}`;
    const last = Date.parse(LastUsedAt ?? CreatedAt ?? '');
    if (InUse) found.kept.push({ kind: 'cache', name, reason: 'a build uses it' });
    else if (last > before) found.kept.push({ kind: 'cache', name, reason: 'it was used only lately' });
    else found.items.push({ kind: 'cache', target: ID, name, bytes: Size ?? 0, reason: 'build cache' });
  }
  return found;
}
