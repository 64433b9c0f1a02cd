import { spawnSync } from 'node:child_process';
import type { TestSshd } from '../src/index.ts';

/** Runs the system's ssh client; returns what it printed and its exit code. */
export function ssh(
  sshd: TestSshd,
  command: string,
  options: { host?: string; port?: number; user?: string; keyPath?: string; extra?: readonly string[] } = {},
): { stdout: string; stderr: string; code: number | null } {
  const args = [
    ...[
      '-F',
      'none',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-o',
      'BatchMode=yes',
    ],
    ...['-i', options.keyPath ?? sshd.keyPath, '-p', String(options.port ?? sshd.port)],
    ...(options.extra ?? []),
    `${options.user ?? sshd.user}@${options.host ?? sshd.host}`,
    command,
  ];
  const { stdout, stderr, status } = spawnSync('ssh', args, { encoding: 'utf8' });
  return { stdout, stderr, code: status };
}
