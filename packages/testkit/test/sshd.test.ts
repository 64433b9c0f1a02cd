import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { startSshd } from '../src/index.ts';

test('a real sshd starts, lets its key in and stops', async () => {
  const sshd = await startSshd();
  const args = [
    '-i',
    sshd.keyPath,
    '-p',
    String(sshd.port),
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
  ];
  const out = execFileSync('ssh', [...args, `${sshd.user}@${sshd.host}`, 'echo hello'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(out).toBe('hello\n');
  await sshd.stop();
});
