import type { HostDirectory, Hosts, Logger } from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';
import {
  createCommandRunner,
  createHostLinks,
  createShell,
  createTransfers,
  type HostLinks,
} from '@flotilla/ssh';
import { composeHosts } from './hosts.ts';

/** Everything that reaches hosts over SSH, from a directory of them. */
export interface SshParts {
  links: HostLinks;
  runner: ReturnType<typeof createCommandRunner>;
  hosts: Hosts;
}

export function composeSsh(parts: {
  directory: HostDirectory & Pick<Hosts, 'resolve'>;
  ssh: FlotillaConfig['ssh'];
  log: Logger;
  knownHostsPaths: readonly string[];
}): SshParts {
  const { directory, ssh, log, knownHostsPaths } = parts;
  const links = createHostLinks({
    directory,
    log,
    settings: {
      maxConnections: ssh.maxConnections,
      minConnections: ssh.minConnections,
      idleTimeoutMs: ssh.idleTimeoutMs,
      keepAliveIntervalMs: ssh.keepAliveMs,
      knownHostsPaths,
    },
  });
  return {
    links,
    runner: createCommandRunner({ links, directory, log }),
    hosts: composeHosts({
      inventory: directory,
      links,
      shell: createShell({ links, directory, log }),
      transfer: createTransfers(links),
    }),
  };
}
