import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createUser,
  processes,
  startSshd,
  type TestSshd,
  type TestUser,
  whyNoUsers,
} from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet.stop());

const flotilla: Fleet['flotilla'] = (...call) => fleet.flotilla(...call);

const noUsers = whyNoUsers();
describe.skipIf(noUsers !== undefined)(`a password${noUsers ? ` (skipped: ${noUsers})` : ''}`, () => {
  let sshd: TestSshd;
  let user: TestUser;
  beforeAll(async () => {
    user = createUser();
    sshd = await startSshd({ passwords: true });
  });
  afterAll(async () => {
    await sshd.stop();
    user.remove();
  });

  const add = (keys: string) =>
    flotilla(['host', 'add', 'pw', `${user.name}@${sshd.host}:${sshd.port}`], {
      types: [['Password of pw', keys]],
    });

  test('is asked for when nothing else lets us in, and not shown', async () => {
    const { code, stderr, stdout } = await add(`${user.password}\r`);
    expect(code).toBe(0);
    expect(stdout).toContain('logged in');
    expect(stderr).not.toContain(user.password);
    await flotilla(['host', 'remove', 'pw', '--yes']);
  });

  test('a wrong one, or none, registers nothing', async () => {
    expect((await add('wrong\r')).stderr).toContain('AUTH_FAILED');
    expect((await add('\r')).code).toBe(1);
    expect((await flotilla(['host', 'show', 'pw'])).code).toBe(4);
  });
});

describe('groups', () => {
  test('set, list, remove', async () => {
    expect((await flotilla(['group', 'list'])).stderr).toContain('flotilla group set');
    expect((await flotilla(['group', 'set', 'web', 'web1'])).code).toBe(0);
    expect((await flotilla(['group', 'list'])).stdout).toMatch(/web +1 +web1/);
    expect((await flotilla(['group', 'list', '--json'])).json()).toEqual([
      { name: 'web', aliases: ['web1'] },
    ]);
    expect((await flotilla(['group', 'remove', 'web'])).code).toBe(3);
    expect((await flotilla(['group', 'remove', 'web'], { types: [['Remove the group', 'n\r']] })).code).toBe(
      1,
    );
    expect((await flotilla(['group', 'remove', 'web', '--yes'])).code).toBe(0);
    expect((await flotilla(['group', 'set', 'web', 'nohost'])).code).toBe(4);
  });
});

test('host test says what a host is; one that is down is a failure', async () => {
  const { code, stdout } = await flotilla(['host', 'test', 'web1']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/web1 +ok/);
  expect((await flotilla(['host', 'test', '--json'])).json()).toMatchObject({
    rows: [{ alias: 'web1', ok: true }],
  });
});

test('a host with open runs is removed only by force', async () => {
  await flotilla([
    'host',
    'add',
    'busy',
    `${fleet.sshd.user}@${fleet.sshd.host}:${fleet.sshd.port}`,
    '--key',
    fleet.sshd.keyPath,
  ]);
  const id = (await flotilla(['exec', 'busy', '--detach', '--', 'sleep 30'])).stdout.trim();
  const refused = await flotilla(['host', 'remove', 'busy', '--yes']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('CONFLICT');
  await flotilla(['task', 'cancel', id]);
  expect((await flotilla(['host', 'remove', 'busy', '--yes', '--force'])).code).toBe(0);
});

describe('an interrupted run', () => {
  /** Command, supervisor and files of the run are gone from its host: nobody can know what the command did. */
  const interrupted = async (seconds: number): Promise<string> => {
    const id = (await flotilla(['exec', 'web1', '--detach', '--', `sleep ${seconds}`])).stdout.trim();
    const all = processes();
    const parent = (pid: number | undefined): number | undefined =>
      all.find((one) => one.pid === pid)?.parent;
    const shell = all.find(({ commandLine }) => commandLine === `sh -c sleep ${seconds}`)?.pid;
    for (const pid of [parent(shell), shell]) if (pid !== undefined && pid > 1) process.kill(pid, 'SIGKILL');
    execFileSync('pkill', ['-KILL', '-xf', `sleep ${seconds}`]);
    rmSync(join(fleet.sshd.home, '.flotilla'), { recursive: true });
    await flotilla(['task', 'wait', id, '--timeout', '15']);
    return id;
  };

  test('is resolved by a person, with a note, and leaves a trace', async () => {
    const id = await interrupted(4713);
    expect((await flotilla(['task', 'show', id, '--json'])).json()).toMatchObject({ state: 'interrupted' });
    expect((await flotilla(['task', 'retry', id, '--yes'])).stderr).toContain('CONFLICT');
    expect((await flotilla(['task', 'resolve', id])).code).toBe(2);
    const resolved = await flotilla(['task', 'resolve', id, '--as', 'failed', '--note', 'looked', '--json']);
    expect(resolved.json()).toEqual({ id, state: 'failed', verdict: 'failed' });
    expect((await flotilla(['audit', 'search', id, '--tool', 'task_resolve'])).stdout).toContain('looked');
  });

  test('asks a person at a terminal', async () => {
    const id = await interrupted(4714);
    const { code } = await flotilla(['task', 'resolve', id], {
      types: [
        ['What became of it?', '\r'],
        ['How do you know?', 'seen\r'],
      ],
    });
    expect(code).toBe(0);
    expect((await flotilla(['task', 'show', id, '--json'])).json()).toMatchObject({ state: 'succeeded' });
  });
});
