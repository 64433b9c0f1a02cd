import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, startFleet } from './support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet.stop());

const flotilla: Fleet['flotilla'] = (...call) => fleet.flotilla(...call);

describe('call', () => {
  test('key=value, with the text for people and the data for programs', async () => {
    const words = ['call', 'task_exec', 'alias=web1', 'cmd=echo hi'];
    expect((await flotilla(words)).stdout).toMatch(/^web1: exit 0 in [\s\S]*\nhi\n/);
    expect((await flotilla([...words, '--json'])).json()).toMatchObject({
      rows: [{ alias: 'web1', stdout: 'hi\n' }],
    });
  });

  test('a JSON object, from an argument or from standard input', async () => {
    const object = JSON.stringify({ alias: ['web1'], cmd: 'echo json' });
    expect((await flotilla(['call', 'task_exec', object])).stdout).toContain('json');
    expect((await flotilla(['call', 'task_exec', '-'], { stdin: object })).stdout).toContain('json');
  });

  test('the text of a file', async () => {
    writeFileSync(join(fleet.machine.home, 'script.sh'), 'echo one\necho two\n');
    const { stdout } = await flotilla(['call', 'script_run', 'alias=web1', 'script=@script.sh']);
    expect(stdout).toContain('one\ntwo');
  });

  test('a command that fails is an answer and exit code 1', async () => {
    const { code, stdout } = await flotilla(['call', 'task_exec', 'alias=web1', 'cmd=echo bad; false']);
    expect(code).toBe(1);
    expect(stdout).toContain('bad');
  });

  test('a long call is waited for beyond the wait of assistants; --no-wait is not', async () => {
    const env = { MCP_SYNC_TIMEOUT_S: '1' };
    const words = ['call', 'task_exec', 'alias=web1', 'cmd=sleep 2; echo done'];
    expect((await flotilla(words, { env })).stdout).toContain('done');
    const handle = await flotilla([...words, 'timeout=9', '--no-wait', '--json']);
    expect(handle.json()).toMatchObject({ run: { id: expect.stringMatching(/^run_/) } });
  });

  test('an unknown tool is 4 and names the nearest', async () => {
    const { code, stderr } = await flotilla(['call', 'task_exce', 'alias=web1']);
    expect(code).toBe(4);
    expect(stderr).toContain('task_exec');
  });

  test('an unknown argument is 2 and named; --json prints the failure', async () => {
    const result = await flotilla(['call', 'task_exec', 'alias=web1', 'command=ls', '--json']);
    expect(result.code).toBe(2);
    expect(result.json()).toMatchObject({ error: true, code: 'INVALID_INPUT' });
    expect(result.stdout).toContain('command');
  });

  test('every rule for assistants holds: the policy of the config denies', async () => {
    writeFileSync(
      join(fleet.machine.dataDir, 'config.json'),
      JSON.stringify({ policy: { commandDeny: ['rm -rf /'] } }),
    );
    const words = ['call', 'task_exec', 'alias=web1', 'cmd=echo rm -rf /'];
    const denied = await flotilla(words);
    expect(denied.code).toBe(3);
    expect(denied.stderr).toContain('flotilla exec --force');
    const forced = await flotilla(['exec', 'web1', '--force', '--', 'echo rm -rf /']);
    writeFileSync(join(fleet.machine.dataDir, 'config.json'), '{}');
    expect(forced).toMatchObject({ code: 0, stdout: 'rm -rf /\n' });
  });
});

describe('tools', () => {
  test('all, with their effect', async () => {
    const { stdout } = await flotilla(['tools']);
    expect(stdout).toMatch(/task_exec +destroy/);
    expect(stdout).toMatch(/file_read +read/);
    expect(stdout).toMatch(/server_add +\w+/);
  });

  test('those that hold every word', async () => {
    const { stdout } = await flotilla(['tools', 'transfer', 'durable']);
    expect(stdout).toContain('task_transfer');
    expect(stdout).not.toContain('process_kill');
  });

  test('the exact name shows the arguments', async () => {
    const { stdout } = await flotilla(['tools', 'task_exec']);
    expect(stdout).toMatch(/^ {2}cmd string$/m);
    expect(stdout).toMatch(/^ {2}timeout\? number$/m);
  });

  test('the table fits a narrow terminal', async () => {
    const { stdout } = await flotilla(['tools'], { columns: 72 });
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(72);
  });

  test('nothing found is 4', async () => {
    expect((await flotilla(['tools', 'xyzzy'])).code).toBe(4);
    expect((await flotilla(['tools', 'xyzzy', '--json'])).json()).toEqual([]);
  });
});
