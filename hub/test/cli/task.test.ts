import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet(['web1', 'web2']);
});
afterAll(() => fleet.stop());

const flotilla: Fleet['flotilla'] = (...call) => fleet.flotilla(...call);
const detached = async (command: string, ...hosts: string[]): Promise<string> => {
  const { stdout } = await flotilla([
    'exec',
    ...(hosts.length > 0 ? hosts : ['web1']),
    '--detach',
    '--',
    command,
  ]);
  return stdout.trim();
};

describe('a run that ended', () => {
  let id: string;
  beforeAll(async () => {
    id = await detached('echo out; echo err >&2; exit 3');
    await flotilla(['task', 'wait', id]);
  });

  test('wait says by its exit code how it ended', async () => {
    expect((await flotilla(['task', 'wait', id])).code).toBe(1);
  });

  test('show', async () => {
    const { code, stdout } = await flotilla(['task', 'show', id]);
    expect(code).toBe(0);
    expect(stdout).toContain(id);
    expect(stdout).toContain('failed');
    expect((await flotilla(['task', 'show', id, '--json'])).json()).toMatchObject({ id, state: 'failed' });
  });

  test('output: both streams, one of them, or the lines that match', async () => {
    expect(await flotilla(['task', 'output', id])).toMatchObject({
      code: 0,
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(await flotilla(['task', 'output', id, '--stream', 'stderr'])).toMatchObject({
      stdout: '',
      stderr: 'err\n',
    });
    expect((await flotilla(['task', 'output', id, '--search', 'OUT'])).stdout).toContain('out');
    expect((await flotilla(['task', 'output', id, '--json'])).json()).toMatchObject({ id, text: 'out\n' });
  });

  test('list --ended finds it by host, state and text', async () => {
    for (const filter of [
      ['--host', 'web1'],
      ['--state', 'failed', '--ended'],
      ['--search', 'echo err'],
    ]) {
      const { stdout } = await flotilla(['task', 'list', ...filter]);
      expect(stdout).toContain(id);
    }
    expect((await flotilla(['task', 'list', '--host', 'web2'])).stdout).toBe('');
  });

  test('retry asks first, then runs it again', async () => {
    expect((await flotilla(['task', 'retry', id])).code).toBe(3);
    const again = await flotilla(['task', 'retry', id, '--yes', '--json']);
    expect(again.json()).toMatchObject({ retryOf: id, existing: false });
  });

  test('cannot be cancelled, answered or resolved', async () => {
    expect((await flotilla(['task', 'cancel', id])).stderr).toContain('CONFLICT');
    expect((await flotilla(['task', 'answer', id, 'y'])).stderr).toContain('CONFLICT');
    expect((await flotilla(['task', 'resolve', id, '--as', 'failed'])).stderr).toContain('CONFLICT');
  });
});

describe('a run that goes on', () => {
  test('follow shows everything from the beginning to the end', async () => {
    const id = await detached('for i in 1 2 3; do echo line $i; sleep 0.3; done');
    const { code, stdout } = await flotilla(['task', 'output', '-f', id]);
    expect(code).toBe(0);
    expect(stdout).toBe('line 1\nline 2\nline 3\n');
  });

  test('of several hosts each line begins with its host', async () => {
    const id = await detached('sleep 0.3; echo x', 'all');
    const { stdout } = await flotilla(['task', 'output', '-f', id]);
    expect(stdout.split('\n').sort()).toEqual(['', 'web1 │ x', 'web2 │ x']);
    expect((await flotilla(['task', 'output', id, '--host', 'web2'])).stdout).toBe('x\n');
  });

  test('is listed, then cancelled with its processes on the host', async () => {
    const id = await detached('sleep 4711');
    expect((await flotilla(['task', 'list'])).stdout).toContain(id);
    expect((await flotilla(['task', 'list'], { columns: 70 })).stdout).toContain(id);
    const cancelled = await flotilla(['task', 'cancel', id, '--json']);
    expect(cancelled.code).toBe(0);
    expect((await flotilla(['task', 'wait', id, '--json'])).json()).toMatchObject({ id, state: 'cancelled' });
    const left = await flotilla(['exec', 'web1', '--', 'pgrep -xf "sleep 4711" || echo none']);
    expect(left.stdout).toBe('none\n');
  });

  test('wait gives up when its time is over', async () => {
    const id = await detached('sleep 30');
    const { code, stderr } = await flotilla(['task', 'wait', id, '--timeout', '0.2']);
    expect(code).toBe(1);
    expect(stderr).toContain(`flotilla task wait ${id}`);
    await flotilla(['task', 'cancel', id]);
  });
});

describe('a run that asks', () => {
  const ask = async (cmd = 'printf "Really? "; read -r a; echo "got $a"'): Promise<string> => {
    const args = { alias: 'web1', cmd, autoRespond: false };
    const asked = await flotilla(['call', 'task_exec_interactive', JSON.stringify(args), '--json']);
    return (asked.json() as { run: { id: string } }).run.id;
  };

  test('is answered by hand', async () => {
    const id = await ask();
    const shown = await flotilla(['task', 'output', '-f', id]);
    expect(shown.stderr).toContain('Really?');
    expect(shown.stderr).toContain(`flotilla task answer ${id}`);
    expect((await flotilla(['task', 'answer', id, 'yes'])).code).toBe(0);
    expect((await flotilla(['task', 'wait', id])).code).toBe(0);
    expect((await flotilla(['task', 'output', id])).stdout).toContain('got yes');
  });

  test('asks the person who follows it', async () => {
    const id = await ask();
    const followed = await flotilla(['task', 'output', '-f', id], { types: [['Answer to web1', 'sure\r']] });
    expect(followed.code).toBe(0);
    expect(followed.stdout).toContain('got sure');
  });

  test('a secret is typed at a terminal: neither as an argument nor through the tool', async () => {
    const id = await ask(
      'stty -echo; printf "Password: "; read -r a; stty echo; echo "of $(expr length $a) characters"',
    );
    const argument = await flotilla(['task', 'answer', id, 'hunter2']);
    expect(argument.stderr).toContain('DENIED');
    const tool = await flotilla(['call', 'task_answer', JSON.stringify({ id, answer: 'hunter2' }), '--json']);
    expect(tool.json()).toMatchObject({ code: 'DENIED', hint: `In a terminal: flotilla task answer ${id}` });
    const typed = await flotilla(['task', 'answer', id], { types: [['Secret for web1', 'hunter2\r']] });
    expect(typed).toMatchObject({ code: 0, stderr: expect.not.stringContaining('hunter2') });
    expect((await flotilla(['task', 'wait', id])).code).toBe(0);
    expect((await flotilla(['task', 'output', id])).stdout).toContain('of 7 characters');
  });

  test('without an answer and without a terminal it is a usage error', async () => {
    const id = await ask();
    expect((await flotilla(['task', 'answer', id])).code).toBe(2);
    await flotilla(['task', 'cancel', id]);
  });
});

test('last is the newest run', async () => {
  await flotilla(['exec', 'web1', '--', 'echo the last one']);
  expect((await flotilla(['task', 'output', 'last'])).stdout).toBe('the last one\n');
});

test.each([['show'], ['output'], ['wait'], ['cancel'], ['retry']])(
  'task %s of an unknown run is 4',
  async (verb) => {
    const id = 'run_01K0000000000000000000000Z';
    const { code, stderr } = await flotilla(['task', verb, id, ...(verb === 'retry' ? ['--yes'] : [])]);
    expect(stderr).toContain('NOT_FOUND');
    expect(code).toBe(4);
  },
);
