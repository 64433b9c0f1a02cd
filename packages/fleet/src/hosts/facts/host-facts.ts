import { z } from 'zod';
import { PROGRAMS } from './facts-script.ts';
import { type Lines, readLines } from './lines.ts';

/** What a host says of itself. */
export const HostFacts = z.object({
  os: z.string().optional(),
  osId: z.string().optional(),
  osVersion: z.string().optional(),
  kernel: z.string().optional(),
  architecture: z.string().optional(),
  hostname: z.string().optional(),
  user: z.string().optional(),
  uid: z.number().optional(),
  shell: z.string().optional(),
  cpus: z.number().optional(),
  memoryBytes: z.number().optional(),
  bootId: z.string().optional(),
  sshd: z.string().optional().describe('Version of its sshd'),
  programs: z.array(z.string()).describe('Those of the programs that tools use which are there'),
  systemd: z.boolean(),
  sudoWithoutPassword: z.boolean(),
  killUserProcesses: z
    .boolean()
    .describe('logind ends detached commands when the last session of the user closes'),
  clockOffsetMs: z.number().optional().describe('Clock of the host minus ours, whole seconds'),
});
export type HostFacts = z.infer<typeof HostFacts>;

const TEXTS = {
  os: 'os',
  osId: 'os_id',
  osVersion: 'os_version',
  kernel: 'kernel',
  architecture: 'architecture',
  hostname: 'hostname',
  user: 'user',
  shell: 'shell',
  bootId: 'boot_id',
  sshd: 'sshd',
} as const;

/** Undefined when the script did not come to its end: then the host has no usable POSIX shell. */
export function parseFacts(output: string, now: number): HostFacts | undefined {
  const lines = readLines(output);
  if (lines.text('end') !== 'yes') return undefined;
  const memory = lines.count('memory_kib', 2 ** 43);
  const utc = lines.count('utc', 2 ** 35);
  return {
    ...texts(lines),
    ...given('uid', lines.count('uid', 2 ** 32)),
    ...given('cpus', lines.count('cpus', 100_000)),
    ...given('memoryBytes', memory === undefined ? undefined : memory * 1024),
    ...given('clockOffsetMs', utc === undefined ? undefined : utc * 1000 - Math.floor(now / 1000) * 1000),
    programs: PROGRAMS_AND_PROC.filter((program) => lines.all('has').includes(program)),
    systemd: lines.text('systemd') === 'yes',
    sudoWithoutPassword: lines.text('sudo_nopasswd') === 'yes' || lines.text('uid') === '0',
    killUserProcesses: killsUserProcesses(lines),
  };
}

const PROGRAMS_AND_PROC: readonly string[] = [...PROGRAMS, 'proc'];

const texts = (lines: Lines): Partial<HostFacts> =>
  Object.assign({}, ...Object.entries(TEXTS).map(([name, key]) => given(name, lines.text(key))));

const given = <T>(name: string, value: T | undefined): Record<string, T> =>
  value === undefined ? {} : { [name]: value };

/** logind spares root unless told otherwise (KillExcludeUsers=root). */
const killsUserProcesses = (lines: Lines): boolean =>
  lines.text('uid') !== '0' && /^(?:b true|yes|true|on|1)$/i.test(lines.text('kill_user_processes') ?? '');
