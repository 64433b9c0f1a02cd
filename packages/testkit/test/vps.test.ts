import { describe, expect, test } from 'vitest';
import { startVps, whyNoVps } from '../src/index.ts';
import { ssh } from './ssh.ts';

const reason = whyNoVps();

describe.skipIf(reason !== undefined)(`VPS container${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test('runs systemd and sshd, and keeps its files and address over a reboot', {
    timeout: 300_000,
  }, async () => {
    const vps = await startVps();
    const sshd = { ...vps } as unknown as Parameters<typeof ssh>[0];
    const bootId = (): string => ssh(sshd, 'stat -c %Y /proc/1').stdout;
    expect(ssh(sshd, 'ps -p 1 -o comm=').stdout).toBe('systemd\n');
    const before = bootId();
    ssh(sshd, 'echo kept > /root/kept');
    await vps.reboot();
    expect(ssh(sshd, 'cat /root/kept').stdout).toBe('kept\n');
    expect(bootId()).not.toBe(before);
    await vps.stop();
  });
});
