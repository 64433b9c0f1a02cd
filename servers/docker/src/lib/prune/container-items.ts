import { isStopped, type PruneFacts } from './facts.ts';
import { protectionOf } from './protection.ts';
import type { Found, PruneOptions } from './prune-plan.ts';

/** Containers that ended long enough ago. Their volumes stay. */
export function containerItems(facts: PruneFacts, { before }: PruneOptions): Found {
  const found: Found = { items: [], kept: [] };
  for (const container of facts.containers.filter(isStopped)) {
    const name = (container.Names?.[0] ?? container.Id.slice(0, 12)).replace(/^\//, '');
    const reason =
      protectionOf(container.Labels, facts) ??
      (container.endedAt > before ? 'it ended only lately' : undefined);
    if (reason !== undefined) found.kept.push({ kind: 'container', name, reason });
    else
      found.items.push({
        kind: 'container',
        target: container.Id,
        name,
        bytes: container.SizeRw ?? 0,
        reason: container.State === 'created' ? 'never started' : 'stopped',
      });
  }
  return found;
}
