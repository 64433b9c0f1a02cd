import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostRecord } from '@flotilla/core';
import { createUser, processes, type TestUser, waitFor, whyNoUsers } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outcomeOf, startWorld, type World } from '../support/shell-hosts.ts';

const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(`sudo${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let user: TestUser;
  let world: World;
  const rule = () => `/etc/sudoers.d/${user.name}`;

  function allow(text: string): void {
    writeFileSync(rule(), `${user.name} ALL=(ALL) ${text}\n`);
    chmodSync(rule(), 0o440);
  }

  const host = (change: Partial<HostRecord>): void => void world.directory.set({ alias: 'web', ...change });

  beforeAll(async () => {
    user = createUser();
    allow('ALL');
    const record = { user: user.name, sudo: 'password', sudoPassword: user.password } as const;
    world = await startWorld('bash', { user: user.name, home: user.home, record });
  });
  afterAll(async () => {
    rmSync(rule(), { force: true });
    await world.stop();
    user.remove();
  });

  test('with a password: root, in the same folder, and the password is nowhere', async () => {
    const id = world.id();
    const command = 'id -un; pwd; cat; env; tr "\\000" "\\n" </proc/$PPID/cmdline; sleep 0.5';
    const following = world.run({ command, sudo: true, cwd: '/tmp', env: { A: 'b c' } }, id);
    const seen: string[] = [];
    const watching = setInterval(() => seen.push(...processes().map((entry) => entry.commandLine)), 5);
    const { stdout, stderr, state } = await following;
    clearInterval(watching);
    expect(stdout).toMatch(/^root\n\/tmp\n/);
    expect(stdout).toMatch(/^A=b c$/m);
    expect(outcomeOf({ state }).exitCode).toBe(0);
    const files = readdirSync(world.runs).map((name) => readFileSync(join(world.runs, name), 'latin1'));
    expect([stdout, stderr, ...files, ...seen].join('\n')).not.toContain(user.password);
  });

  test('the command’s input is its own', async () => {
    const plain = await world.run({ command: 'cat; echo end', sudo: true });
    expect(plain.stdout).toBe('end\n');
    const bytes = Uint8Array.from({ length: 600 }, (_, index) => index % 256);
    const fed = await world.run({ command: 'od -An -v -tx1 | tr -d " \\n"', sudo: true, stdin: bytes });
    expect(fed.stdout).toBe(Buffer.from(bytes).toString('hex'));
    const script = await world.run({
      command: 'id -un\nread x; echo "$x"; printf "%s\\n" \'a\\b\'"$FROM"',
      sudo: true,
      interpreter: 'sh',
      stdin: 'in\n',
      env: { FROM: "o'k" },
    });
    expect(script.stdout).toBe("root\nin\na\\bo'k\n");
    expect((await world.run({ command: 'id -un; cat', sudo: true, secret: true })).stdout).toBe('root\n');
    expect((await world.shell('web', 'id -un; cat', { sudo: true, stdin: 'x' })).stdout).toBe('root\nx');
    expect((await world.shell('web', 'id -un; cat', { sudo: true })).stdout).toBe('root\n');
  });

  test('on a terminal: no prompt, the terminal is the command’s input', async () => {
    const pty = { autoRespond: false, responses: { 'Name? ': 'Ada' } };
    const seen = await world.run({
      command: 'id -un; printf "Name? "; read n; echo "<$n>"; exit 5',
      sudo: true,
      pty,
    });
    expect(seen.stdout).toMatch(/root[\r\n]+Name\? Ada\r\n<Ada>\r\n$/);
    expect(seen.stdout).not.toContain(user.password);
    expect(outcomeOf(seen).exitCode).toBe(5);
  });

  test('a nested sudo is not given the password', async () => {
    const nested = await world.run({ command: `sudo -u ${user.name} sudo -k -S true; echo $?`, sudo: true });
    expect(nested.stdout).toBe('1\n');
    const pty = { autoRespond: true, responses: {} };
    const id = world.id();
    const following = world.run({ command: 'sudo -k true; echo $?', pty }, id, {
      onQuestion: (question) => {
        if (question?.secret === true) void world.runner.cancel('web', id, { graceMs: 100 });
      },
    });
    expect(outcomeOf(await following).cancelled).toBe(true);
  });

  test('a wrong password fails after one try', async () => {
    host({ sudoPassword: 'wrong' });
    for (const stdin of ['', 'more\nlines\nhere\n']) {
      const seen = await world.run({ command: 'id -un', sudo: true, ...(stdin && { stdin }) });
      expect(outcomeOf(seen).exitCode).toBe(1);
      expect(seen.stdout).toBe('');
      expect(seen.stderr).toContain('1 incorrect password attempt');
    }
    host({ sudoPassword: user.password });
  });

  test('where none is asked for, the password still reaches nobody', async () => {
    allow('NOPASSWD: ALL');
    for (const stdin of ['', 'mine']) {
      const seen = await world.run({ command: 'id -un; cat', sudo: true, ...(stdin && { stdin }) });
      expect(seen.stdout).toBe(`root\n${stdin}`);
    }
    host({ sudo: 'nopasswd' });
    expect((await world.run({ command: 'id -un; cat', sudo: true, stdin: 'x' })).stdout).toBe('root\nx');
    allow('ALL');
    expect(outcomeOf(await world.run({ command: 'id -un', sudo: true })).exitCode).toBe(1);
    host({ sudo: 'password' });
  });

  test('what runs as root is cancelled too', async () => {
    const id = world.id();
    const command = 'trap "" TERM; echo up; (setsid sleep 48 &); sleep 48; sleep 49';
    const following = world.run({ command, sudo: true }, id);
    await waitFor(() => processes().some((entry) => entry.commandLine === 'sleep 48'));
    expect(await world.runner.cancel('web', id, { graceMs: 300 })).toEqual({ state: 'stopped' });
    expect(outcomeOf(await following)).toMatchObject({ cancelled: true });
    expect(processes().filter((entry) => /^sleep 4[89]$/.test(entry.commandLine))).toEqual([]);
  });

  test('what runs as root is stopped at its time limit too', async () => {
    const command = 'echo up; (setsid sleep 46 &); sleep 47; echo no';
    const seen = await world.run({ command, sudo: true, timeoutMs: 600 });
    expect(seen.stdout).toBe('up\n');
    expect(outcomeOf(seen)).toMatchObject({ timedOut: true, cancelled: false });
    expect(outcomeOf(seen).notes).toBeUndefined();
    expect(processes().filter((entry) => /^sleep 4[67]$/.test(entry.commandLine))).toEqual([]);
  });

  test('what nobody could stop is told: at a cancel, and at the end after a time limit', async () => {
    const left = (): number[] =>
      processes().flatMap((entry) => (entry.commandLine === 'sleep 45' ? [entry.pid] : []));
    for (const timeoutMs of [0, 1_500]) {
      const id = world.id();
      const following = world.run({ command: 'sleep 45; :', sudo: true, timeoutMs }, id);
      await waitFor(() => left().length > 0);
      host({ sudoPassword: 'wrong' });
      if (timeoutMs === 0) {
        const cancelled = await world.runner.cancel('web', id);
        expect(cancelled.state).toBe('survivors');
        expect(cancelled.survivors).toEqual(expect.arrayContaining(left()));
      }
      const outcome = outcomeOf(await following);
      expect(outcome.timedOut).toBe(timeoutMs > 0);
      const note = `processes that could not be stopped at the time limit: ${left()}`;
      expect(outcome.notes).toEqual(timeoutMs > 0 ? [note] : undefined);
      for (const pid of left()) process.kill(pid, 'SIGKILL');
      await waitFor(() => left().length === 0);
      host({ sudoPassword: user.password });
    }
  });

  test('a host without sudo says so before anything is sent', async () => {
    host({ sudo: 'none' });
    await expect(world.run({ command: 'id', sudo: true })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      details: { sent: false },
    });
    host({ sudo: 'password' });
  });
});
