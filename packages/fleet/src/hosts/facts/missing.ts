import { z } from 'zod';
import type { HostFacts } from './host-facts.ts';

/** Something that a host lacks, and what does not work without it. */
export const Missing = z.object({ what: z.string(), for: z.string() });
export type Missing = z.infer<typeof Missing>;

const NEEDS: readonly { anyOf: readonly string[]; for: string }[] = [
  { anyOf: ['setsid'], for: 'commands that outlive the connection (task_exec): they are bound to it' },
  { anyOf: ['ps', 'proc'], for: 'stopping everything that a command started (task_cancel)' },
  { anyOf: ['script'], for: 'commands on a terminal that outlive the connection (task_exec_interactive)' },
  { anyOf: ['tar'], for: 'fast transfers of many small files (task_transfer goes file by file)' },
  { anyOf: ['sha256sum'], for: 'checksums on the host (task_transfer compares sizes, file_checksum fails)' },
];

/** What the host lacks for which tools; empty when everything works. */
export function missingOn(facts: HostFacts, sudo: 'none' | 'nopasswd' | 'password'): Missing[] {
  const lacking = NEEDS.filter(({ anyOf }) => !anyOf.some((program) => facts.programs.includes(program)));
  const found = lacking.map((need) => ({ what: need.anyOf.join(' or '), for: need.for }));
  if (facts.killUserProcesses) {
    found.push({
      what: 'KillUserProcesses=no in logind',
      for: 'commands that outlive the connection: logind ends them when it closes',
    });
  }
  if (sudo === 'nopasswd' && !facts.sudoWithoutPassword) {
    found.push({
      what: 'sudo without a password',
      for: 'sudo: true (the host is registered with sudo: nopasswd)',
    });
  }
  return found;
}
