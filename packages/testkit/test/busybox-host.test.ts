import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startBusyboxHost, whyNoBusybox } from '../src/index.ts';
import { ssh } from './ssh.ts';

const reason = whyNoBusybox();

describe.skipIf(reason !== undefined)(`busybox host${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test('has busybox applets, /proc and a home, and nothing else', async () => {
    const host = await startBusyboxHost({ without: ['setsid'] });
    expect(ssh(host, 'ls -l /bin/sh /bin/ps | grep -c busybox').stdout).toBe('2\n');
    expect(ssh(host, 'command -v bash python3 script setsid || echo none').stdout).toBe('none\n');
    expect(ssh(host, 'test -r /proc/self/stat && pwd && id -un').stdout).toBe(`${host.home}\n${host.user}\n`);
    expect(ssh(host, 'tty', { extra: ['-tt'] }).stdout).toContain('/dev/pts/');
    await host.stop();
    expect(existsSync(host.root)).toBe(false);
  });
});
