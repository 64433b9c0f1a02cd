import type { RunView } from '@flotilla/core';
import type { Inventory } from '@flotilla/inventory';

/** The hosts a run works on. Its own list holds what the caller wrote, e.g. `all` or `group:web`. */
export function hostsOfRun(view: RunView, inventory: Pick<Inventory, 'resolve'>): string[] {
  const rows = (view.output?.['rows'] ?? []) as { alias?: unknown }[];
  const seen = [...view.steps.map(({ alias }) => alias), ...rows.map(({ alias }) => alias)];
  const known = seen.filter((alias): alias is string => typeof alias === 'string');
  if (view.endedAt !== undefined && known.length > 0) return [...new Set(known)];
  try {
    return [...new Set([...inventory.resolve(view.aliases).map(({ alias }) => alias), ...known])];
  } catch {
    // A host was removed since.
    return [...new Set(known.length > 0 ? known : view.aliases)];
  }
}
