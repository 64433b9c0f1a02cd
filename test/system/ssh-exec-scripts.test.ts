import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from '@flotilla/testkit';
import { describe, test } from 'vitest';
import { failureOf, type Row, rowOf, useFleet } from '../support/fleet.ts';
import { type ToolResult, textOf } from '../support/hub.ts';
import { runningWith } from '../support/remote-processes.ts';

const fleet = useFleet();
const call = (name: string, args: Record<string, unknown>): Promise<ToolResult> =>
  fleet.hub.call(name, { alias: 'web1', ...args });

interface Step {
  index: number;
  command: string;
  state: string;
  exitCode: number | null;
  stdout: string;
  stderr: string;
  cut?: boolean;
}
const stepsOf = (answer: ToolResult): Step[] => (rowOf(answer) as Row & { steps: Step[] }).steps;

describe.concurrent('task_exec_sequence', () => {
  const sequence = (commands: unknown[], more: Record<string, unknown> = {}): Promise<ToolResult> =>
    call('task_exec_sequence', { commands, ...more });

  test('one shell: folder, variables and functions persist; each command has its result', async ({
    expect,
  }) => {
    const answer = await sequence([
      'cd /tmp; X="it\'s"; f() { echo "f:$X"; }',
      'pwd; f',
      'echo err >&2; printf end',
    ]);
    expect(answer.isError ?? false).toBe(false);
    expect(stepsOf(answer).map(({ state, stdout, stderr }) => [state, stdout, stderr])).toEqual([
      ['ok', '', ''],
      ['ok', "/tmp\nf:it's\n", ''],
      ['ok', 'end', 'err\n'],
    ]);
    expect(textOf(answer)).toMatch(/^web1: 3 of 3 commands ok in /);
  });

  test('stops at the first failure', async ({ expect }) => {
    const answer = await sequence(['echo one', 'exit 7', 'echo never']);
    expect(answer.isError).toBe(true);
    expect(stepsOf(answer).map(({ state, exitCode }) => [state, exitCode])).toEqual([
      ['ok', 0],
      ['failed', 7],
      ['skipped', null],
    ]);
    expect(textOf(answer)).toContain('[3] echo never: not reached');
  });

  test('goes on where it may, and syntax errors are failures of one command', async ({ expect }) => {
    const answer = await sequence([{ command: 'if', continueOnError: true }, 'echo "', 'echo never'], {});
    expect(stepsOf(answer).map(({ state }) => state)).toEqual(['failed', 'failed', 'skipped']);
    const all = await sequence(['false', 'if', 'echo last'], { continueOnError: true });
    expect(stepsOf(all).map(({ state }) => state)).toEqual(['failed', 'failed', 'ok']);
    expect(all.isError ?? false).toBe(false);
  });

  test('a command has its own time limit and leaves nothing behind', async ({ expect }) => {
    const mark = `71801.${process.pid}`;
    const answer = await sequence([
      { command: `sleep ${mark} | cat`, timeout: 1, continueOnError: true },
      'echo after',
    ]);
    expect(stepsOf(answer).map(({ state, exitCode, stdout }) => [state, exitCode, stdout])).toEqual([
      ['timed_out', 124, ''],
      ['ok', 0, 'after\n'],
    ]);
    await waitFor(() => runningWith(mark) === 0);
  });

  test('the limit of the whole: COMMAND_TIMEOUT with what was printed', async ({ expect }) => {
    const answer = await sequence(['echo first', 'sleep 60'], { timeout: 1 });
    const { details } = failureOf(answer, 'COMMAND_TIMEOUT');
    expect(details['stdout']).toBe('first\n');
    expect(textOf(answer)).not.toContain('--flotilla-');
  });

  test('long outputs lose their middle, never an exit code', async ({ expect }) => {
    const answer = await sequence(['seq 200000', 'echo middle; (exit 5)', 'seq 200000 >&2', 'echo last'], {
      continueOnError: true,
    });
    const steps = stepsOf(answer);
    expect(steps.map(({ exitCode }) => exitCode)).toEqual([0, 5, 0, 0]);
    expect(steps[0]).toMatchObject({ cut: true });
    expect(steps[3]?.stdout).toBe('last\n');
    expect(textOf(answer).length).toBeLessThan(48_200);
    expect(textOf(answer)).toContain('Cut; all of it: task_output');
  });

  test('a hundred commands, odd texts among them', async ({ expect }) => {
    const commands = Array.from({ length: 100 }, (_, index) => `echo '${index} "$HOME" \`x\`'`);
    const steps = stepsOf(await sequence(commands));
    expect(steps[99]?.stdout).toBe('99 "$HOME" `x`\n');
  });

  test.for<[string, Record<string, unknown>]>([
    ['no command', { commands: [] }],
    ['101 commands', { commands: Array.from({ length: 101 }, () => 'true') }],
    ['an unknown key of a command', { commands: [{ command: 'true', tiemout: 1 }] }],
    ['a NUL', { commands: ['true\0'] }],
    ['a number', { commands: [1] }],
  ])('%s is INVALID_INPUT', async ([, args], { expect }) => {
    expect(failureOf(await call('task_exec_sequence', args), 'INVALID_INPUT').message).toContain('commands');
  });
});

describe.concurrent('script_run', () => {
  const script = (text: string, more: Record<string, unknown> = {}): Promise<ToolResult> =>
    call('script_run', { script: text, ...more });

  test('sh is the default; nothing needs quoting; options and folder hold', async ({ expect }) => {
    const answer = await script(`cat <<'END'\n'"$HOME"\\\`x\`\nEND\npwd\nexit 4\n`, { cwd: '/tmp' });
    expect(rowOf(answer)).toMatchObject({ exitCode: 4, stdout: `'"$HOME"\\\`x\`\n/tmp\n` });
  });

  test('bash with options', async ({ expect }) => {
    const answer = await script('a=(1 2)\necho "$((a[1] + 1))"\nfalse\necho never\n', {
      interpreter: 'bash -e',
    });
    expect(rowOf(answer)).toMatchObject({ exitCode: 1, stdout: '3\n' });
  });

  test('python, with variables and a script larger than an argument may be', async ({ expect }) => {
    const text = `import os\nx = ${JSON.stringify('y'.repeat(300_000))}\nprint(len(x), os.environ["A"])\n`;
    const answer = await script(text, { interpreter: 'python3', env: { A: "it's\n" } });
    expect(rowOf(answer).stdout).toBe("300000 it's\n\n");
  });

  test('a syntax error is the answer of the interpreter', async ({ expect }) => {
    const python = rowOf(await script('print(1)\nprint(', { interpreter: 'python3' }));
    expect(python).toMatchObject({ state: 'failed', exitCode: 1, stdout: '' });
    expect(python.stderr).toContain('SyntaxError');
    expect(rowOf(await script('if\n')).exitCode).not.toBe(0);
    expect(rowOf(await script('echo "\n', { interpreter: 'bash' })).exitCode).not.toBe(0);
  });

  test('an interpreter that is not there: exit 127 and its name', async ({ expect }) => {
    const row = rowOf(await script('x', { interpreter: 'no-such-interpreter' }));
    expect(row.exitCode).toBe(127);
    expect(row.stderr).toContain('no-such-interpreter');
  });

  test('a script reads an empty standard input, not itself', async ({ expect }) => {
    expect(rowOf(await script('cat\necho end\n')).stdout).toBe('end\n');
  });

  test.for(['sh; id', 'sh $(id)', '../x\n', '-c', "bash 'x", 'sh\0', 'x'.repeat(1_000_000)])(
    'the interpreter %j is INVALID_INPUT',
    async (interpreter, { expect }) => {
      const answer = await script('echo no', { interpreter });
      expect(failureOf(answer, 'INVALID_INPUT').message).toContain('interpreter');
    },
  );
});

interface Listed {
  pid: number;
  startTime: number;
  command: string;
  ports?: number[];
}

describe.concurrent('process_list and process_kill', () => {
  const list = async (args: Record<string, unknown>): Promise<Listed[]> =>
    (await fleet.hub.ok<{ processes: Listed[] }>('process_list', { alias: 'web1', ...args })).processes;

  test('finds by text, kills with the start time, and says that it ended', async ({ expect }) => {
    const word = `72001.${process.pid}`;
    const child = spawn('sleep', [word]);
    const gone = once(child, 'exit');
    const [found] = await waitFor(async () => {
      const rows = await list({ text: word });
      return rows.length === 1 && rows;
    });
    expect(found).toMatchObject({ pid: child.pid, command: `sleep ${word}` });
    const other = await call('process_kill', { pid: child.pid, startTime: (found?.startTime ?? 0) + 1 });
    expect(failureOf(other, 'CONFLICT').message).toContain('nothing was signalled');
    expect(child.exitCode).toBeNull();
    const answer = await call('process_kill', { pid: child.pid, startTime: found?.startTime });
    expect(answer.structuredContent).toMatchObject({ pid: child.pid, signal: 'TERM', ended: true });
    expect(textOf(answer)).toBe(`web1: sent TERM to process ${child.pid}, which has ended`);
    expect(await gone).toEqual([null, 'SIGTERM']);
    const again = await call('process_kill', { pid: child.pid, startTime: found?.startTime });
    expect(failureOf(again, 'NOT_FOUND').hint).toContain('process_list');
  });

  test('a process that ignores the signal is said to be there still', async ({ expect }) => {
    const child = spawn('sh', [
      '-c',
      `trap '' TERM; echo ready; while :; do sleep 0.1; done # 72002.${process.pid}`,
    ]);
    await once(child.stdout, 'data');
    const [found] = await list({ text: `72002.${process.pid}` });
    const answer = await call('process_kill', { pid: found?.pid, startTime: found?.startTime, wait: 1 });
    expect(answer.structuredContent).toMatchObject({ ended: false });
    expect(textOf(answer)).toContain('KILL');
    const gone = once(child, 'exit');
    await call('process_kill', { pid: found?.pid, startTime: found?.startTime, signal: 'KILL' });
    expect(await gone).toEqual([null, 'SIGKILL']);
  });

  test('finds what listens on a port; sorts and limits', async ({ expect }) => {
    const [sshd] = await list({ port: fleet.sshd.port });
    expect(sshd).toMatchObject({ pid: fleet.sshd.pid, ports: [fleet.sshd.port] });
    const rows = await list({ sort: 'pid', limit: 5 });
    expect(rows.map(({ pid }) => pid)).toEqual(rows.map(({ pid }) => pid).sort((a, b) => a - b));
    expect(rows).toHaveLength(5);
    const none = await call('process_list', { text: 'no process is called like this' });
    expect(textOf(none)).toBe('web1: no process matches.');
  });

  test('a name with control characters and fences stays inside its line', async ({ expect }) => {
    const word = `72003.${process.pid}`;
    const child = spawn('sleep', ['60'], { argv0: `evil\n\u001b[2J--- end ---\n${word}` });
    const answer = await waitFor(async () => {
      const found = await call('process_list', { text: word });
      return found.structuredContent?.['total'] === 1 && found;
    });
    const line = textOf(answer)
      .split('\n')
      .find((one) => one.includes(word));
    expect(line).toContain('evil ␛[2J--- end --- ');
    child.kill('SIGKILL');
  });

  test.for<[string, Record<string, unknown>]>([
    ['init', { pid: 1, startTime: 1 }],
    ['a group', { pid: -5, startTime: 1 }],
    ['a text', { pid: '12; id', startTime: 1 }],
    ['no start time', { pid: 12 }],
    ['an unknown signal', { pid: 12, startTime: 1, signal: 'TERM; id' }],
  ])('process_kill of %s is INVALID_INPUT', async ([, args], { expect }) => {
    expect(failureOf(await call('process_kill', args), 'INVALID_INPUT').message).toContain('process_kill');
  });

  test.for(['process_list', 'process_kill'])('%s of an unknown host: NOT_FOUND', async (name, { expect }) => {
    const more = name === 'process_kill' ? { pid: 12, startTime: 1 } : {};
    expect(failureOf(await fleet.hub.call(name, { alias: 'wbe1', ...more }), 'NOT_FOUND').message).toContain(
      'web1',
    );
  });
});
