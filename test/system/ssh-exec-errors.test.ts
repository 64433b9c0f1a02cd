import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, makeKey, startSshd, waitFor } from '@flotilla/testkit';
import { describe, expect, test } from 'vitest';
import { failureOf, handleOf, rowOf, rowsOf, useFleet } from '../support/fleet.ts';
import { addHost, startHub, type ToolResult, testHome, textOf } from '../support/hub.ts';
import { runningWith } from '../support/remote-processes.ts';

const fleet = useFleet();
const exec = (args: Record<string, unknown>): Promise<ToolResult> =>
  fleet.hub.call('task_exec', { alias: 'web1', cmd: 'true', ...args });

/** Registers a host that is not well. */
const register = (alias: string, more: Record<string, unknown>): Promise<unknown> =>
  fleet.hub.ok('server_add', {
    alias,
    host: fleet.sshd.host,
    port: fleet.sshd.port,
    user: fleet.sshd.user,
    keyPath: fleet.home.addKey(fleet.sshd.keyPath),
    verify: false,
    ...more,
  });

describe.concurrent('what is refused before anything runs', () => {
  test('an unknown alias: NOT_FOUND with the nearest one', async ({ expect }) => {
    const { message, details } = failureOf(await exec({ alias: 'wbe1' }), 'NOT_FOUND');
    expect(message).toContain('"wbe1"');
    expect(message).toContain('Did you mean "web1"?');
    expect(details).toMatchObject({ nearest: 'web1' });
  });

  test('an unknown group: NOT_FOUND', async ({ expect }) => {
    expect(failureOf(await exec({ alias: 'group:nope' }), 'NOT_FOUND').message).toContain('nope');
  });

  test.for(['task_exec', 'task_exec_sequence', 'task_exec_interactive', 'script_run', 'process_list'])(
    '%s names an unknown argument and the allowed ones',
    async (name, { expect }) => {
      const answer = await fleet.hub.call(name, { alias: 'web1', comand: 'true' });
      const { message, details } = failureOf(answer, 'INVALID_INPUT');
      expect(message).toContain('"comand"');
      expect(message).toContain('It takes: alias, ');
      expect(details['unknown']).toEqual(['comand']);
    },
  );

  test.for<[string, Record<string, unknown>, string]>([
    ['a missing argument', { cmd: undefined }, 'cmd'],
    ['a wrong type', { cmd: 7 }, 'cmd'],
    ['an empty command', { cmd: '' }, 'cmd'],
    ['a negative timeout', { timeout: -1 }, 'timeout'],
    ['an endless timeout', { timeout: 1e9 }, 'timeout'],
    ['a variable name with code', { env: { 'A;id': 'x' } }, 'env'],
    ['a list for the environment', { env: ['A=1'] }, 'env'],
    ['an empty list of hosts', { alias: [] }, 'alias'],
    ['an alias with a path', { alias: '../etc' }, 'alias'],
    ['an alias that is an option', { alias: '-oProxyCommand=id' }, 'alias'],
    ['a NUL in the command', { cmd: 'echo \0' }, 'cmd'],
    ['a NUL in a variable', { env: { A: 'x\0y' } }, 'env.A'],
    ['a variable that no program could get', { env: { A: 'x'.repeat(1_000_000) } }, 'env'],
    ['a NUL in the folder', { cwd: '/tmp\0' }, 'cwd'],
    ['a NUL in stdin', { stdin: '\0' }, 'stdin'],
    ['a NUL in the alias', { alias: 'web1\0' }, 'alias'],
    ['a newline in the alias', { alias: 'web1\n' }, 'alias'],
    ['half a surrogate pair', { cmd: 'echo \ud800' }, 'cmd'],
    ['a folder of 1 MB', { cwd: 'x'.repeat(1_000_000) }, 'cwd'],
    ['an alias of 1 MB', { alias: 'x'.repeat(1_000_000) }, 'alias'],
    ['a key of 1 MB', { idempotencyKey: 'x'.repeat(1_000_000) }, 'idempotencyKey'],
    ['a command of 2 MB', { cmd: `: ${'x'.repeat(2_000_000)}` }, 'cmd'],
  ])('%s', async ([, args, argument], { expect }) => {
    const { message } = failureOf(await exec(args), 'INVALID_INPUT');
    expect(message).toContain(argument);
    expect(message.length).toBeLessThan(1_000);
  });

  test('an argument name of 1 MB is named in short', async ({ expect }) => {
    const { message } = failureOf(await exec({ ['y'.repeat(1_000_000)]: 1 }), 'INVALID_INPUT');
    expect(message.length).toBeLessThan(1_000);
  });

  test('an unknown tool is an error that names it', async ({ expect }) => {
    const answer = await fleet.hub.call('task_exce').catch((error: unknown) => error);
    expect(JSON.stringify(answer instanceof Error ? answer.message : answer)).toContain('task_exce');
  });
});

describe.concurrent('large and odd arguments that are right', () => {
  test('a command of almost 1 MB, and one with newlines', async ({ expect }) => {
    const long = `printf %s '${'ü'.repeat(450_000)}' | wc -c; cat`;
    expect(rowOf(await exec({ cmd: long, stdin: 'in' })).stdout).toBe('900000\nin');
    expect(rowOf(await exec({ cmd: 'echo a\necho b\n\n#c' })).stdout).toBe('a\nb\n');
  });

  test('ten times at once a variable of 100 KB and stdin of 1 MB', async ({ expect }) => {
    const more = { env: { A: 'a'.repeat(100_000) }, stdin: 's'.repeat(1_000_000) };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => exec({ cmd: `: ${n}; printf %s "$A" | wc -c; wc -c`, ...more })),
    );
    for (const answer of answers)
      expect(rowOf(answer).stdout.split(/\s+/).slice(0, 2)).toEqual(['100000', '1000000']);
  }, 60_000);
});

describe.concurrent('hosts that cannot be used', () => {
  test('a key that is not admitted: AUTH_FAILED', async ({ expect }) => {
    const key = makeKey({ folder: fleet.home.path });
    await register('stranger', { keyPath: fleet.home.addKey(key.path, 'id_stranger') });
    const { message, details } = failureOf(await exec({ alias: 'stranger' }), 'AUTH_FAILED');
    expect(message).toContain('stranger');
    expect(JSON.stringify(details)).not.toContain('PRIVATE KEY');
  });

  test('nobody listens: CONNECTION_FAILED with the cause', async ({ expect }) => {
    await register('gone', { port: await freePort() });
    const { message, details } = failureOf(await exec({ alias: 'gone' }), 'CONNECTION_FAILED');
    expect(message).toContain('nothing listens there');
    expect(details).toMatchObject({ alias: 'gone', host: '127.0.0.1', cause: 'refused' });
  });

  test('a name that does not resolve: CONNECTION_FAILED with the cause', async ({ expect }) => {
    await register('nameless', { host: 'no-such-host.invalid' });
    const { message, details } = failureOf(await exec({ alias: 'nameless' }), 'CONNECTION_FAILED');
    expect(message).toContain('does not resolve');
    expect(details).toMatchObject({ host: 'no-such-host.invalid', cause: 'dns' });
  });

  test('another host key than before: HOST_KEY_MISMATCH, and nothing runs', async ({ expect }) => {
    const first = await startSshd();
    await addHost(fleet.hub, fleet.home, first, 'rekeyed', {
      keyPath: fleet.home.addKey(first.keyPath, 'id_a'),
    });
    expect(rowOf(await exec({ alias: 'rekeyed', cmd: 'echo before' })).stdout).toBe('before\n');
    await first.stop();
    const second = await startSshd({ port: first.port });
    second.authorize(first.hostKeys[0] ?? '');
    const answer = await exec({ alias: 'rekeyed', cmd: `touch '${second.home}/RAN'` });
    const { details } = failureOf(answer, 'HOST_KEY_MISMATCH');
    expect(JSON.stringify(details)).toContain(second.fingerprint);
    expect(JSON.stringify(details)).toContain(first.fingerprint);
    expect(existsSync(join(second.home, 'RAN'))).toBe(false);
    await second.stop();
  });

  test('of several hosts each has its row, whatever befalls the others', async ({ expect }) => {
    await register('gone2', { port: await freePort() });
    const answer = await exec({ alias: ['gone2', 'web1'], cmd: 'echo here' });
    expect(answer.isError).toBe(true);
    const [gone, here] = rowsOf(answer);
    expect(gone).toMatchObject({
      alias: 'gone2',
      state: 'unreachable',
      error: { code: 'CONNECTION_FAILED' },
    });
    expect(here).toMatchObject({ alias: 'web1', state: 'ok', stdout: 'here\n' });
    expect(textOf(answer)).toMatch(/^2 hosts: .*1 unreachable/);
  });
});

describe.concurrent('limits', () => {
  test('COMMAND_TIMEOUT: the whole process group is gone, the output is there', async ({ expect }) => {
    const mark = `70701.${process.pid}`;
    const answer = await exec({
      cmd: `echo begun; sh -c 'sleep ${mark} & sleep ${mark}' & sleep ${mark}`,
      timeout: 1,
    });
    const { message, details } = failureOf(answer, 'COMMAND_TIMEOUT');
    expect(message).toContain('1.0 s');
    expect(details).toMatchObject({ alias: 'web1', stdout: 'begun\n', timedOut: true });
    expect(textOf(answer)).toContain('begun');
    await waitFor(() => runningWith(mark) === 0, { what: 'the processes of the timed-out command to end' });
  });

  test('a command that ignores TERM is killed', async () => {
    const mark = `70702.${process.pid}`;
    failureOf(
      await exec({ cmd: `trap '' TERM; sleep ${mark}; sleep ${mark}`, timeout: 1 }),
      'COMMAND_TIMEOUT',
    );
    await waitFor(() => runningWith(mark) === 0, { what: 'the stubborn command to end' });
  });

  test('QUEUE_FULL beyond MAX_QUEUE_SIZE, and room again after a cancel', async ({ expect }) => {
    const home = testHome({ MAX_QUEUE_SIZE: '2', MCP_SYNC_TIMEOUT_S: '0' });
    const hub = await startHub(home);
    await addHost(hub, home, fleet.sshd);
    const start = (n: number) => hub.call('task_exec', { alias: 'web1', cmd: `sleep 6${n}` });
    const first = handleOf(await start(1));
    handleOf(await start(2));
    const { hint } = failureOf(await start(3), 'QUEUE_FULL');
    expect(hint).toContain('task_queue');
    expect(await hub.ok('task_queue')).toMatchObject({ total: 2 });
    await hub.ok('task_cancel', { id: first.id });
    const third = handleOf(await start(4));
    expect(third.id).toMatch(/^run_/);
    const { rows } = await hub.ok<{ rows: { id: string }[] }>('task_queue');
    for (const { id } of rows) await hub.ok('task_cancel', { id });
    await hub.close();
    home.remove();
  });

  test('RETRY_LIMIT_EXCEEDED: a transfer to a dead host is tried again, then says why', async ({
    expect,
  }) => {
    await register('gone3', { port: await freePort() });
    const answer = await fleet.hub.call('task_transfer', {
      alias: 'gone3',
      direction: 'download',
      local: 'x',
      remote: '/etc/hostname',
    });
    const { message, details } = failureOf(answer, 'RETRY_LIMIT_EXCEEDED');
    expect(message).toMatch(/4 attempts.*nothing listens there/);
    expect(details).toMatchObject({ attempts: 4, cause: { code: 'CONNECTION_FAILED' } });
  }, 60_000);
});

test('no failure above left anything on stderr that was meant for the client, nor ended the hub', async () => {
  expect(rowOf(await exec({ cmd: 'echo alive' })).stdout).toBe('alive\n');
});
