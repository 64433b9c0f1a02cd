import type { Hosts } from '@flotilla/core';
import { createRemoteFiles, type HostLinks, openStream } from '@flotilla/ssh';

/** The hosts that tools see: names from the inventory, everything else over SSH. */
export function composeHosts(parts: {
  inventory: Pick<Hosts, 'resolve'>;
  links: HostLinks;
  shell: Hosts['shell'];
  transfer: Hosts['transfer'];
}): Hosts {
  const { inventory, links, shell, transfer } = parts;
  return {
    resolve: (target) => inventory.resolve(target),
    shell,
    files: async (alias) => createRemoteFiles(links, alias),
    connect: (alias, target, { signal } = {}) => openStream(links, alias, target, signal),
    transfer,
  };
}
