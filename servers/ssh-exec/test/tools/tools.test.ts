import { spawn } from 'node:child_process';
import { serverOnHost } from '@flotilla/runtime/testing';
import { startSshd } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sshExec } from '../../src/index.ts';

interface Row {
  alias: string;
  state: string;
  exitCode?: number | null;
  stdout?: string;
  stderr?: string;
  error?: { code: string };
  steps?: { state: string; exitCode: number | null; stdout: string; cut?: boolean }[];
}
interface Process {
  pid: number;
  command: string;
  startTime: number;
  memoryBytes: number;
}

const server = serverOnHost(sshExec, { beforeAll, afterAll }, startSshd);
beforeAll(async () => {
  await server.addHost('web2', server.sshd);
  await server.addHost('gone', { ...server.sshd, port: 9 });
});

const answer = async (name: string, args: Record<string, unknown>) => {
  const { structuredContent, isError = false, content } = await server.call(name, args);
  const text = content.map((block) => ('text' in block ? String(block.text) : '')).join('\n');
  return { ...(structuredContent as { rows: Row[] }), isError, text };
};

describe('task_exec', () => {
  test('one row per host; a host that cannot be reached is a row of its own', async () => {
    const { rows, isError, text } = await answer('task_exec', {
      alias: ['web1', 'web2', 'gone'],
      cmd: 'echo "$WHO"; cat; pwd; exit 3',
      env: { WHO: "it's me" },
      stdin: 'from stdin\n',
      cwd: '/tmp',
    });
    expect(isError).toBe(true);
    expect(rows.map(({ alias, state }) => [alias, state])).toEqual([
      ['web1', 'failed'],
      ['web2', 'failed'],
      ['gone', 'unreachable'],
    ]);
    expect(rows[0]).toMatchObject({ exitCode: 3, stdout: "it's me\nfrom stdin\n/tmp\n" });
    expect(rows[2]).toMatchObject({ error: { code: 'CONNECTION_FAILED' } });
    for (const words of ['web1', 'exit 3', 'from stdin', 'CONNECTION_FAILED']) expect(text).toContain(words);
  });

  test('stops after so many failures, and says which hosts were left', async () => {
    const { rows, text } = await answer('task_exec', {
      alias: ['web1', 'web2'],
      cmd: 'exit 1',
      maxParallel: 1,
      stopAfterFailures: 1,
    });
    expect(rows.map(({ state }) => state)).toEqual(['failed', 'skipped']);
    expect(text).toContain('web2');
  });

  test('a time limit ends the command', async () => {
    const failure = await server.fails('task_exec', {
      alias: 'web1',
      cmd: 'echo begun; sleep 600',
      timeout: 0.5,
    });
    expect(failure.code).toBe('COMMAND_TIMEOUT');
    expect(JSON.stringify(failure.details)).toContain('begun');
    const { rows } = await answer('task_exec', { alias: ['web1', 'web2'], cmd: 'sleep 600', timeout: 0.5 });
    expect(rows.map(({ state }) => state)).toEqual(['timed_out', 'timed_out']);
  });

  test('an end by a signal, and an output that is too long to show', async () => {
    const killed = await answer('task_exec', { alias: 'web1', cmd: 'kill -9 $$' });
    expect(killed.text).toContain('KILL');
    const long = await answer('task_exec', { alias: 'web1', cmd: 'seq 1 200000' });
    expect(long.rows[0]).toMatchObject({ state: 'ok', exitCode: 0 });
    expect(long.rows[0]?.stdout?.length).toBeLessThan(200_000);
    expect(long.text).toContain('task_output');
  });

  test('an unknown host and wrong arguments are told', async () => {
    expect(await server.fails('task_exec', { alias: 'web3', cmd: 'true' })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await server.fails('task_exec', { alias: 'web1' })).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('task_exec_sequence', () => {
  test('one shell for all, one result per command', async () => {
    const { rows, isError, text } = await answer('task_exec_sequence', {
      alias: 'web1',
      commands: [
        'cd /tmp; export A=b',
        'pwd; echo $A',
        { command: 'false', continueOnError: true },
        'echo end',
      ],
    });
    expect(isError).toBe(false);
    expect(rows[0]?.steps?.map(({ state, stdout }) => [state, stdout])).toEqual([
      ['ok', ''],
      ['ok', '/tmp\nb\n'],
      ['failed', ''],
      ['ok', 'end\n'],
    ]);
    expect(text).toContain('/tmp');
  });

  test('stops at a failure, at a time limit, and where the shell ends', async () => {
    const failed = await answer('task_exec_sequence', { alias: 'web1', commands: ['exit 4', 'echo never'] });
    expect(failed.isError).toBe(true);
    expect(failed.rows[0]?.steps?.map(({ state }) => state)).toEqual(['failed', 'skipped']);
    const late = await answer('task_exec_sequence', {
      alias: 'web1',
      commands: [{ command: 'sleep 600', timeout: 0.5 }, 'echo never'],
    });
    expect(late.rows[0]?.steps?.map(({ state }) => state)).toEqual(['timed_out', 'skipped']);
    const all = await answer('task_exec_sequence', {
      alias: ['web1', 'web2'],
      commands: ['echo one', 'sleep 600'],
      timeout: 1,
    });
    expect(all.rows[0]?.steps?.map(({ state }) => state)).toEqual(['ok', 'not_finished']);
  });
});

describe('script_run', () => {
  test('a whole script with an interpreter', async () => {
    const { rows } = await answer('script_run', {
      alias: 'web1',
      script: 'set -- "a b" c\nfor word in "$@"; do\n  echo "<$word>"\ndone\n',
      interpreter: 'bash',
    });
    expect(rows[0]).toMatchObject({ exitCode: 0, stdout: '<a b>\n<c>\n' });
  });

  test('an interpreter that is missing is an exit code of the host', async () => {
    const { rows, isError } = await answer('script_run', {
      alias: 'web1',
      script: 'print 1',
      interpreter: 'nonesuch',
    });
    expect(isError).toBe(true);
    expect(rows[0]).toMatchObject({ exitCode: 127 });
  });
});

describe('task_exec_interactive', () => {
  test('answers a prompt by its rule', async () => {
    const { rows } = await answer('task_exec_interactive', {
      alias: 'web1',
      cmd: 'printf "Your name? "; read name; echo "hello $name"',
      responses: { 'Your name?': 'Ada' },
    });
    expect(rows[0]).toMatchObject({ state: 'ok', exitCode: 0 });
    expect(rows[0]?.stdout).toContain('hello Ada');
  });

  test('without a terminal it is a plain command', async () => {
    const { rows } = await answer('task_exec_interactive', {
      alias: 'web1',
      cmd: 'test -t 0 || echo none',
      interactive: false,
    });
    expect(rows[0]?.stdout).toBe('none\n');
  });
});

describe('processes', () => {
  test('are found by text, and one of them is ended', async () => {
    const mark = `7${process.pid}`;
    const child = spawn('sleep', [mark]);
    const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
    const list = await server.ok<{ processes: Process[] }>('process_list', {
      alias: 'web1',
      text: `sleep ${mark}`,
    });
    const [found] = list.processes;
    expect(found).toMatchObject({ pid: child.pid, command: `sleep ${mark}` });
    expect(list.text).toContain(`sleep ${mark}`);
    const { pid, startTime } = found as Process;
    const other = { alias: 'web1', pid, startTime: startTime + 1 };
    expect(await server.fails('process_kill', other)).toMatchObject({ code: 'CONFLICT' });
    expect(await server.ok('process_kill', { alias: 'web1', pid, startTime })).toMatchObject({ ended: true });
    expect(await ended).toBe('SIGTERM');
    expect(await server.fails('process_kill', { alias: 'web1', pid, startTime })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('in each order, so many at most', async () => {
    for (const sort of ['cpu', 'memory', 'age'] as const) {
      const { processes } = await server.ok<{ processes: Process[] }>('process_list', {
        alias: 'web1',
        sort,
        limit: 5,
      });
      expect(processes).toHaveLength(5);
      const sizes = processes.map(({ memoryBytes }) => memoryBytes);
      if (sort === 'memory') expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    }
  });
});
