import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet(['web1', 'web2']);
});
afterAll(() => fleet.stop());

const exec = (hosts: string[], command: string, options: string[] = [], call = {}) =>
  fleet.flotilla(['exec', ...hosts, ...options, '--', command], call);

describe('one host', () => {
  test('stdout, stderr and exit code are those of the command', async () => {
    const result = await exec(['web1'], 'echo out; echo err >&2; exit 42');
    expect(result).toMatchObject({ code: 42, stdout: 'out\n', stderr: 'err\n' });
  });

  test('output of a pipe is not changed by a byte', async () => {
    const { stdout } = await exec(['web1'], String.raw`printf 'a\033[1mb\tc'`);
    expect(stdout).toBe('a\u001b[1mb\tc');
  });

  test('output beyond every cap of an answer arrives whole', async () => {
    const { stdout } = await exec(['web1'], 'seq 1 200000');
    expect(stdout.length).toBe(1_288_895 - 1 + 1);
    expect(stdout.endsWith('\n200000\n')).toBe(true);
  });

  test('no character is broken where chunks meet', async () => {
    const { stdout } = await exec(['web1'], "printf x; yes 'é€😀' | head -n 60000");
    expect(stdout.length).toBe(1 + 60_000 * 5);
    expect(stdout).not.toContain('\ufffd');
  });

  test('words behind -- are joined as ssh does', async () => {
    const result = await fleet.flotilla(['exec', 'web1', '--', 'echo', 'a', '--', '--json']);
    expect(result.stdout).toBe('a -- --json\n');
  });

  test('a signal is 128 and its number', async () => {
    expect((await exec(['web1'], 'kill -KILL $$')).code).toBe(137);
  });

  test('cwd, env and stdin reach the command', async () => {
    const options = ['--cwd', '/usr', '--env', 'A=1 2', '--env', 'B=x', '--stdin'];
    const { stdout } = await exec(['web1'], 'pwd; echo "$A$B"; cat', options, { stdin: 'from here' });
    expect(stdout).toBe('/usr\n1 2x\nfrom here');
  });

  test('a timeout is our failure: 255, and says so', async () => {
    const result = await exec(['web1'], 'sleep 60', ['--timeout', '1']);
    expect(result.code).toBe(255);
    expect(result.stderr).toContain('COMMAND_TIMEOUT');
  });

  test('the same command twice at once runs twice', async () => {
    const [first, second] = await Promise.all([exec(['web1'], 'echo $$'), exec(['web1'], 'echo $$')]);
    expect(first.stdout).not.toBe(second.stdout);
  });

  test('--json answers like task_exec', async () => {
    const result = await exec(['web1'], 'echo hi; exit 3', ['--json']);
    expect(result.code).toBe(3);
    expect(result.json()).toMatchObject({ rows: [{ alias: 'web1', exitCode: 3, stdout: 'hi\n' }] });
  });

  test('--detach leaves a run that goes on', async () => {
    const { stdout, code } = await exec(['web1'], 'echo later', ['--detach']);
    expect(code).toBe(0);
    const id = stdout.trim();
    expect(id).toMatch(/^run_/);
    expect((await fleet.flotilla(['task', 'wait', id])).code).toBe(0);
    expect((await fleet.flotilla(['task', 'output', id])).stdout).toBe('later\n');
  });
});

describe('several hosts', () => {
  test('each line begins with its host; the exit code is the highest', async () => {
    const { stdout, stderr, code } = await exec(['web1', 'web2'], 'echo one; echo two; exit 5');
    expect(stdout.split('\n').sort()).toEqual(['', 'web1 │ one', 'web1 │ two', 'web2 │ one', 'web2 │ two']);
    expect(code).toBe(5);
    expect(stderr).toContain('web1: exit 5');
  });

  test('all and groups', async () => {
    await fleet.flotilla(['group', 'set', 'pair', 'web1', 'web2']);
    for (const target of ['all', 'group:pair']) {
      const { stdout, code } = await exec([target], 'true; echo x');
      expect(stdout.split('\n').sort()).toEqual(['', 'web1 │ x', 'web2 │ x']);
      expect(code).toBe(0);
    }
  });

  test('a host that cannot be reached is named and does not stop the other', async () => {
    await fleet.flotilla(['host', 'add', 'dead', 'root@127.0.0.1:1', '--no-verify']);
    const { stdout, stderr, code } = await exec(['web1', 'dead'], 'echo alive');
    await fleet.flotilla(['host', 'remove', 'dead', '--yes']);
    expect(stdout).toBe('web1 │ alive\n');
    expect(stderr).toContain('dead: CONNECTION_FAILED');
    expect(code).toBe(255);
  });
});

describe('what cannot be run', () => {
  test('an unknown host is named with the nearest one', async () => {
    const { code, stderr } = await exec(['web3'], 'true');
    expect(code).toBe(255);
    expect(stderr).toContain('NOT_FOUND');
    expect(stderr).toMatch(/web[12]/);
  });

  test('a host that is down', async () => {
    await fleet.flotilla(['host', 'add', 'down', 'root@127.0.0.1:1', '--no-verify']);
    const { code, stderr } = await exec(['down'], 'true');
    await fleet.flotilla(['host', 'remove', 'down', '--yes']);
    expect(code).toBe(255);
    expect(stderr).toContain('CONNECTION_FAILED');
  });

  test.each([[['exec', 'web1']], [['exec', 'web1', '--']], [['exec', '--', 'true']]])(
    '%j is told how',
    async (words) => {
      const { code, stderr } = await fleet.flotilla(words);
      expect(code).toBe(255);
      expect(stderr).toContain('flotilla exec web1 web2 -- uptime');
    },
  );
});
