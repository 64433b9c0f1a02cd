import type { PruneFacts } from './facts.ts';
import { protectionOf } from './protection.ts';
import type { Found, PruneOptions } from './prune-plan.ts';

/** Networks that an engine makes itself. */
const BUILT_IN = new Set(['bridge', 'host', 'none', 'ingress', 'docker_gwbridge', 'podman', 'nat']);

/** Networks that no container, running or stopped, belongs to. */
export function networkItems(facts: PruneFacts, { before }: PruneOptions): Found {
  const used = new Set(
    facts.containers.flatMap(({ NetworkSettings }) =>
      Object.entries(NetworkSettings?.Networks ?? {}).flatMap(([name, end]) => [name, end?.NetworkID ?? '']),
    ),
  );
  const found: Found = { items: [], kept: [] };
  for (const network of facts.networks) {
    const { Id, Name, Created } = network;
    if (BUILT_IN.has(Name) || used.has(Name) || used.has(Id)) continue;
    const lately = Date.parse(Created ?? '') > before ? 'it was made only lately' : undefined;
    const reason = protectionOf(network.Labels, facts) ?? lately;
    if (reason !== undefined) found.kept.push({ kind: 'network', name: Name, reason });
    else
      found.items.push({
        kind: 'network',
        target: Id,
        name: Name,
        bytes: 0,
        reason: 'no container belongs to it',
      });
  }
  return found;
}
