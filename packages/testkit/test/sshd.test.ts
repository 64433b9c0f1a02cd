import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { loopbackHosts, makeKey, startSshd, type TestSshd, waitFor } from '../src/index.ts';
import { ssh } from './ssh.ts';

let sshd: TestSshd;
afterEach(() => sshd.stop());

test('a real sshd starts, lets its key in and stops', async () => {
  sshd = await startSshd();
  expect(ssh(sshd, 'echo hello')).toMatchObject({ stdout: 'hello\n', code: 0 });
});

test('commands have an empty throw-away home folder', async () => {
  sshd = await startSshd();
  expect(ssh(sshd, 'echo "$HOME"; ls -A ~').stdout).toBe(`${sshd.home}\n`);
});

test('one sshd answers on 40 addresses', async () => {
  sshd = await startSshd({ listen: loopbackHosts(40) });
  for (const host of ['127.0.1.1', '127.0.1.17', '127.0.1.40'])
    expect(ssh(sshd, 'echo $SSH_CONNECTION', { host }).stdout).toContain(` ${host} `);
});

test('several host key types, and further keys that may log in', async () => {
  sshd = await startSshd({ hostKeys: ['rsa', 'ecdsa'] });
  expect(sshd.hostKeys.map((line) => line.split(' ')[0])).toEqual(['ssh-rsa', 'ecdsa-sha2-nistp256']);
  const key = makeKey({ folder: sshd.folder, type: 'ecdsa' });
  expect(ssh(sshd, 'true', { keyPath: key.path }).code).toBe(255);
  sshd.authorize(key.publicKey);
  expect(ssh(sshd, 'true', { keyPath: key.path }).code).toBe(0);
});

test('killSessions ends the connections, not the listener nor the command', async () => {
  sshd = await startSshd();
  const client = spawn('ssh', [
    ...['-F', 'none', '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
    ...['-i', sshd.keyPath, '-p', String(sshd.port), `${sshd.user}@${sshd.host}`],
    'echo $$; trap "" HUP PIPE; exec sleep 5',
  ]);
  const [first] = await once(client.stdout, 'data');
  const pid = Number(String(first));
  const ended = once(client, 'exit');
  expect(sshd.sessions().length).toBeGreaterThan(0);
  expect(sshd.killSessions()).toBeGreaterThan(0);
  await ended;
  await waitFor(() => sshd.sessions().length === 0);
  expect(() => process.kill(pid, 0)).not.toThrow();
  process.kill(pid);
  expect(ssh(sshd, 'echo again').stdout).toBe('again\n');
});

test('down and up: the same address refuses, then answers again', async () => {
  sshd = await startSshd();
  await sshd.down();
  expect(ssh(sshd, 'true').stderr).toContain('Connection refused');
  await sshd.up();
  expect(ssh(sshd, 'true').code).toBe(0);
});
