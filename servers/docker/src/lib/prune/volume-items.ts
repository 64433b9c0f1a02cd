import { FlotillaError } from '@flotilla/core';
import type { PruneFacts } from './facts.ts';
import { protectionOf } from './protection.ts';
import type { Found, PruneOptions } from './prune-plan.ts';

/** Only volumes that were named one by one. CONFLICT for one that a container uses, also a stopped one. */
export function volumeItems(facts: PruneFacts, { volumes }: Pick<PruneOptions, 'volumes'>): Found {
  const items = [...new Set(volumes)].map((name) => {
    const volume = facts.volumes.find(({ Name }) => Name === name);
    if (!volume)
      throw new FlotillaError('NOT_FOUND', `There is no volume ${name}.`, {
        details: { volumes: facts.volumes.map(({ Name }) => Name).slice(0, 50) },
      });
    const user = facts.containers.find(({ Mounts }) => Mounts?.some((mount) => mount.Name === name));
    const labelled = protectionOf(volume.Labels, { projectsOnDisk: new Set() });
    const reason = user ? 'a container uses it' : labelled;
    if (reason !== undefined)
      throw new FlotillaError('CONFLICT', `The volume ${name} is not removed: ${reason}.`, {
        details: { volume: name, ...(user && { container: user.Names?.[0] ?? user.Id }) },
        hint: 'Remove the container first, if its data are really not needed any more.',
      });
    const bytes = Math.max(0, volume.UsageData?.Size ?? 0);
    return { kind: 'volume' as const, target: name, name, bytes, reason: 'NAMED, with its data' };
  });
  return { items, kept: [] };
}
