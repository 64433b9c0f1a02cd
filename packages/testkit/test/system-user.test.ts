import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createUser, startSshd, whyNoUsers } from '../src/index.ts';

const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(`system users${reason ? ` (skipped: ${reason})` : ''}`, () => {
  test('a user logs in with its password, and is gone after remove', async () => {
    const user = createUser();
    const sshd = await startSshd({ passwords: true, user: user.name });
    const ssh = (method: string): string => {
      const args = ['-p', user.password, 'ssh', '-F', 'none', '-o', 'StrictHostKeyChecking=no'];
      args.push('-o', 'UserKnownHostsFile=/dev/null', '-o', `PreferredAuthentications=${method}`);
      args.push('-p', String(sshd.port), `${user.name}@${sshd.host}`, 'id -un; echo ~');
      return spawnSync('sshpass', args, { encoding: 'utf8' }).stdout;
    };
    expect(ssh('password')).toBe(`${user.name}\n${user.home}\n`);
    expect(ssh('keyboard-interactive')).toBe(`${user.name}\n${user.home}\n`);
    await sshd.stop();
    user.remove();
    expect(existsSync(user.home)).toBe(false);
    expect(spawnSync('id', [user.name]).status).toBe(1);
  });
});
