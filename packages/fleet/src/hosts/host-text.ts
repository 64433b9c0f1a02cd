import { formatBytes } from '@flotilla/core';
import type { HostFacts } from './facts/host-facts.ts';
import type { Missing } from './facts/missing.ts';

/** `Debian GNU/Linux 12, Linux 6.1, x86_64, 4 CPUs, 7.8 GiB, OpenSSH_9.2p1`. */
export function factsLine(facts: HostFacts): string {
  const parts = [
    facts.os,
    facts.kernel,
    facts.architecture,
    facts.cpus === undefined ? undefined : `${facts.cpus} CPU${facts.cpus === 1 ? '' : 's'}`,
    facts.memoryBytes === undefined ? undefined : formatBytes(facts.memoryBytes),
    facts.sshd,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

export const missingText = (missing: readonly Missing[]): string[] =>
  missing.map((one) => `Missing ${one.what}: for ${one.for}.`);
