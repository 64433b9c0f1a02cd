import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMachine, type Machine } from './support/cli.ts';

let machine: Machine;
beforeAll(async () => {
  machine = createMachine();
  for (const alias of ['web1', 'web2', 'db1'])
    await machine.flotilla(['host', 'add', alias, 'me@192.0.2.1', '--no-verify']);
  await machine.flotilla(['group', 'set', 'web', 'web1', 'web2']);
});
afterAll(() => machine.remove());

const complete = async (...words: string[]): Promise<string[]> =>
  (await machine.flotilla(['__complete', ...words])).stdout.split('\n').filter((word) => word !== '');

describe('candidates', () => {
  test.each([
    [['ex'], ['exec']],
    [['host', 'tr'], ['trust']],
    [['hosts', 'tr'], ['trust']],
    [
      ['exec', 'we'],
      ['web1', 'web2'],
    ],
    [['exec', 'web1', 'd'], ['db1']],
    [['exec', 'group:'], ['group:web']],
    [['exec', 'web1', '--tim'], ['--timeout']],
    [['exec', 'web1', '--', 'we'], []],
    [['host', 'show', 'db'], ['db1']],
    [['host', 'add', 'x', 'y', '--jump', 'd'], ['db1']],
    [['cp', 'web1'], ['web1:']],
    [
      ['config', 'print', '--client', 'c'],
      ['claude-code', 'claude-desktop', 'cursor'],
    ],
    [['task', 'show', 'l'], ['last']],
    [['call', 'task_exec_s'], ['task_exec_sequence']],
    [['completion', 'f'], ['fish']],
    [['nonsense', 'x'], []],
  ])('%j', async (words, expected) => {
    expect((await complete(...words)).sort()).toEqual(expected);
  });
});

test.each(['bash', 'zsh', 'fish'])('the script for %s asks the program', async (shell) => {
  const { code, stdout } = await machine.flotilla(['completion', shell]);
  expect(code).toBe(0);
  expect(stdout).toContain('bin/flotilla __complete');
});

test('bash completes with it', async () => {
  const { stdout } = await machine.flotilla(['completion', 'bash']);
  const script = join(machine.home, 'completion.bash');
  const stub = `flotilla_stub() { local IFS=' '; shift; printf '%s\\n' "words: $*|"; }`;
  writeFileSync(script, `${stub}\n${stdout.replaceAll(/[\w/.-]*bin\/flotilla/g, 'flotilla_stub')}`);
  const run = (line: string): string => {
    const call = `source '${script}'; COMP_LINE='${line}'; COMP_POINT=${line.length}; _flotilla; printf '%s' "$COMPREPLY"`;
    return execFileSync('bash', ['-c', call], { encoding: 'utf8' });
  };
  expect(run('flotilla exec we')).toBe('words: exec we|');
  expect(run('flotilla exec ')).toBe('words: exec |');
});
