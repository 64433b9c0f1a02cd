import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCli } from '../../src/cli/cli.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createTerminal } from '../../src/cli/terminal/terminal.ts';
import { createMachine, type Machine } from './support/cli.ts';
import { fakeWorld } from './support/world.ts';

let machine: Machine;
beforeAll(() => {
  machine = createMachine();
});
afterAll(() => machine.remove());

function leaves(command: Command, path: readonly string[] = []): string[][] {
  if (command.commands.length === 0) return [[...path]];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

const world = fakeWorld();
const commands = leaves(createProgram(createCli(world, createTerminal(world))));

test('there are the commands that people know from docker and gh', () => {
  const names = commands.map((words) => words.join(' '));
  expect(names).toEqual(
    expect.arrayContaining([
      'exec',
      'cp',
      'call',
      'tools',
      'serve',
      'doctor',
      'logs',
      'version',
      'config print',
    ]),
  );
  expect(names.filter((name) => name.startsWith('host '))).toEqual(
    expect.arrayContaining([
      'host add',
      'host list',
      'host test',
      'host remove',
      'host import',
      'host trust',
    ]),
  );
  expect(names.filter((name) => name.startsWith('task '))).toHaveLength(8);
});

describe.each(commands.map((words) => [words.join(' '), words] as const))('flotilla %s', (_name, words) => {
  test('has help with an example that starts with itself, and --json', async () => {
    const { code, stdout } = await machine.flotilla([...words, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`$ flotilla ${words.join(' ')}`);
    expect(stdout).toContain('--json');
  });
});

describe('what cannot be understood', () => {
  test.each([
    [['hots', 'list'], 'hots'],
    [['host', 'ad'], 'ad'],
    [['exec', '--nonsense', 'web1', '--', 'true'], '--nonsense'],
    [['config', 'print', '--client', 'emacs'], 'emacs'],
    [['task', 'show'], 'id'],
    [['exec', 'web1', '--timeout', 'soon', '--', 'true'], 'seconds'],
    [['serve', '--http', '--port', 'x'], 'x'],
    [['serve', '--http', '--stdio'], '--stdio'],
  ])('%j is a usage error that says what is wrong', async (words, hint) => {
    const { code, stdout, stderr } = await machine.flotilla(words);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('INVALID_INPUT');
    expect(stderr).toContain(hint);
  });

  test('a near miss is suggested', async () => {
    expect((await machine.flotilla(['hots'])).stderr).toContain('host');
  });

  test('with --json the failure is JSON on stdout', async () => {
    const result = await machine.flotilla(['host', 'list', '--nonsense', '--json']);
    expect(result.code).toBe(2);
    expect(result.json()).toMatchObject({ error: true, code: 'INVALID_INPUT' });
    expect(result.stderr).toBe('');
  });

  test('a group without a command shows its help', async () => {
    const { code, stderr } = await machine.flotilla(['host']);
    expect(code).toBe(2);
    expect(stderr).toContain('import');
  });
});

test('version names Flotilla and Node', async () => {
  const result = await machine.flotilla(['version', '--json']);
  expect(result.json()).toEqual({ flotilla: expect.any(String), node: process.versions.node });
  expect((await machine.flotilla(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test('a broken config is refused by name', async () => {
  const result = await machine.flotilla(['host', 'list'], { env: { MAX_QUEUE_SIZE: 'many' } });
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('MAX_QUEUE_SIZE');
});
