import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createUser, startSshd, type TestSshd, type TestUser, waitFor, whyNoUsers } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, rowOf } from '../support/fleet.ts';
import {
  addHost,
  startHub,
  type TestHome,
  type TestHub,
  type ToolResult,
  testHome,
  textOf,
} from '../support/hub.ts';
import { runningWith } from '../support/remote-processes.ts';

const noSudo = (): string | undefined => {
  const reason = whyNoUsers();
  if (reason) return reason;
  return existsSync('/usr/bin/sudo') && existsSync('/etc/sudoers.d')
    ? undefined
    : 'sudo is missing (apt-get install sudo)';
};
const reason = noSudo();

describe.skipIf(reason !== undefined)(`sudo${reason ? ` (${reason})` : ''}`, () => {
  const users: TestUser[] = [];
  const hosts: TestSshd[] = [];
  let home: TestHome;
  let hub: TestHub;

  /** A host on which a new user may use sudo by this rule. */
  async function host(
    alias: string,
    rule: string | undefined,
    more: (user: TestUser) => Record<string, unknown>,
  ) {
    const user = createUser();
    users.push(user);
    if (rule)
      writeFileSync(`/etc/sudoers.d/${user.name}`, `${user.name} ALL=(ALL) ${rule}\n`, { mode: 0o440 });
    const sshd = await startSshd({ user: user.name });
    hosts.push(sshd);
    await addHost(hub, home, sshd, alias, {
      keyPath: home.addKey(sshd.keyPath, `id_${alias}`),
      ...more(user),
    });
    return user;
  }

  let asking: TestUser;

  beforeAll(async () => {
    home = testHome();
    hub = await startHub(home);
    await host('free', 'NOPASSWD: ALL', () => ({ sudo: 'nopasswd' }));
    asking = await host('asking', 'ALL', (user) => ({ sudo: 'password', sudoPassword: user.password }));
    await host('wrong', 'ALL', () => ({ sudo: 'password', sudoPassword: 'not-the-password' }));
    await host('none', undefined, () => ({}));
  }, 60_000);

  afterAll(async () => {
    await hub?.close();
    for (const sshd of hosts) await sshd.stop();
    for (const user of users) {
      rmSync(`/etc/sudoers.d/${user.name}`, { force: true });
      user.remove();
    }
    home?.remove();
  }, 60_000);

  const call = (name: string, args: Record<string, unknown>): Promise<ToolResult> =>
    hub.call(name, { sudo: true, ...args });

  test.each(['free', 'asking'])('on %s, commands, scripts and terminals are root', async (alias) => {
    const plain = rowOf(await hub.call('task_exec', { alias, cmd: 'id -u' }));
    expect(plain.stdout.trim()).not.toBe('0');
    const root = rowOf(await call('task_exec', { alias, cmd: 'id -u; exit 3' }));
    expect(root).toMatchObject({ stdout: '0\n', exitCode: 3 });
    const script = await call('script_run', {
      alias,
      interpreter: 'python3',
      script: 'import os\nprint(os.getuid())',
    });
    expect(rowOf(script).stdout).toBe('0\n');
    const terminal = await call('task_exec_interactive', {
      alias,
      cmd: 'id -u; tty >/dev/null && echo tty; exit 5',
    });
    expect(rowOf(terminal)).toMatchObject({ exitCode: 5, stdout: expect.stringMatching(/0\s+tty/) });
  });

  test.each(['free', 'asking'])(
    "on %s, stdin, environment and folder are the command's own",
    async (alias) => {
      const answer = await call('task_exec', {
        alias,
        cmd: 'printf "%s|%s|" "$A" "$PWD"; cat',
        env: { A: `it's "$HOME"` },
        cwd: '/etc',
        stdin: 'first line\nsecond',
      });
      expect(rowOf(answer).stdout).toBe(`it's "$HOME"|/etc|first line\nsecond`);
      expect(rowOf(await call('task_exec', { alias, cmd: 'cat; echo end' })).stdout).toBe('end\n');
    },
  );

  test('process_kill as root reaches what the login may not', async () => {
    const word = `75001.${process.pid}`;
    const started = hub.call('task_exec', { alias: 'free', cmd: `sleep ${word}`, sudo: true });
    await waitFor(() => runningWith(word) >= 1);
    const { processes } = await hub.ok<{ processes: { pid: number; startTime: number; command: string }[] }>(
      'process_list',
      {
        alias: 'free',
        text: word,
      },
    );
    const target = processes.find(({ command }) => command === `sleep ${word}`);
    const { hint } = failureOf(
      await hub.call('process_kill', { alias: 'free', pid: target?.pid, startTime: target?.startTime }),
      'DENIED',
    );
    expect(hint).toContain('sudo');
    await call('process_kill', { alias: 'free', pid: target?.pid, startTime: target?.startTime });
    expect((await started).isError).toBe(true);
    await waitFor(() => runningWith(word) === 0);
  });

  test('a time limit ends what root runs without a password', async () => {
    const word = `75002.${process.pid}`;
    const answer = await call('task_exec', {
      alias: 'free',
      cmd: `sleep ${word} & sleep ${word}`,
      timeout: 1,
    });
    failureOf(answer, 'COMMAND_TIMEOUT');
    await waitFor(() => runningWith(word) === 0, { what: "root's processes to end" });
  });

  test.each(['free', 'asking'])(
    'task_cancel on %s ends what root runs',
    async (alias) => {
      const word = `75003.${process.pid}`;
      const started = call('task_exec', { alias, cmd: `sleep ${word} & sleep ${word}` });
      await waitFor(() => runningWith(word) >= 2);
      const { rows } = await hub.ok<{ rows: { id: string; summary: string }[] }>('task_queue');
      await hub.ok('task_cancel', { id: rows.find(({ summary }) => summary.includes(word))?.id });
      failureOf(await started, 'CANCELLED');
      await waitFor(() => runningWith(word) === 0, {
        timeoutMs: 40_000,
        what: `root's processes on ${alias} to end`,
      });
    },
    60_000,
  );

  test('a wrong password and a host without sudo fail before the command, and say why', async () => {
    for (const alias of ['wrong', 'none']) {
      const answer = await call('task_exec', { alias, cmd: 'echo ran' });
      expect(answer.isError, alias).toBe(true);
      expect(textOf(answer), alias).toMatch(/sudo/i);
      expect(JSON.stringify(answer), alias).not.toContain('ran\\n');
    }
  });

  test('the password is nowhere: not in an answer, a file here or there, nor the process list', async () => {
    const { password } = asking;
    const answer = await call('task_exec', {
      alias: 'asking',
      cmd: 'cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr "\\0" "\\n"; env; ls -R ~/.flotilla || true',
    });
    expect(rowOf(answer).exitCode).toBe(0);
    expect(JSON.stringify(answer)).not.toContain(password);
    expect(hub.stderr()).not.toContain(password);
    const folders = [join(home.path, '.config', 'flotilla'), join(asking.home, '.flotilla')];
    for (const folder of folders) {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
        entry.isFile(),
      );
      for (const file of files)
        expect(readFileSync(join(file.parentPath, file.name)).includes(password), file.name).toBe(false);
    }
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(password);
  });
});
