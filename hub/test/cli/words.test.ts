import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/cli/calls/nearest.ts';
import { parseAddress } from '../../src/cli/host/address.ts';
import { runExitCode, stepExitCode } from '../../src/cli/runs/exit-code.ts';
import { folderOf, localPath, parseOperand } from '../../src/cli/runs/path-operand.ts';
import { forPeople } from '../../src/cli/terminal/hints.ts';
import { renderProgress } from '../../src/cli/terminal/progress-line.ts';
import { shellLine } from '../../src/snippets/shell-words.ts';

describe('addresses', () => {
  test.each([
    ['web.example', { host: 'web.example' }],
    ['deploy@203.0.113.7', { host: '203.0.113.7', user: 'deploy' }],
    ['root@host:2222', { host: 'host', user: 'root', port: 2222 }],
    ['[2001:db8::7]:22', { host: '2001:db8::7', port: 22 }],
    ['me@2001:db8::7', { host: '2001:db8::7', user: 'me' }],
    ['me@[::1]', { host: '::1', user: 'me' }],
  ])('%s', (text, expected) => expect(parseAddress(text)).toEqual(expected));

  test.each([['a b'], ['host:0'], ['host:70000'], ['@host'], [''], ['host:port'], ['a@b@c:x']])(
    '%j is refused',
    (text) => expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' })),
  );
});

describe('sides of a copy', () => {
  test.each([
    ['web1:/var/log', { side: 'remote', alias: 'web1', path: '/var/log' }],
    ['web1:', { side: 'remote', alias: 'web1', path: './' }],
    ['web1:a:b', { side: 'remote', alias: 'web1', path: 'a:b' }],
    ['./a:b', { side: 'local', path: './a:b' }],
    ['/a:b', { side: 'local', path: '/a:b' }],
    ['file', { side: 'local', path: 'file' }],
  ])('%s', (word, expected) => expect(parseOperand(word)).toEqual(expected));

  test.each([
    ['a/b', '/home/me/a/b'],
    ['.', '/home/me/'],
    ['..', '/home/'],
    ['a/', '/home/me/a/'],
    ['/etc/hosts', '/etc/hosts'],
  ])('%s is meant from the working folder', (path, expected) =>
    expect(localPath(path, '/home/me')).toBe(expected),
  );

  test.each([
    ['/a/b/c.txt', '/a/b'],
    ['/a/b/*.gz', '/a/b'],
    ['/a/{b,c}/d', '/a'],
    ['/x', '/'],
    ['/a/b/', '/a/b'],
  ])('%s lies in %s', (path, folder) => expect(folderOf(path)).toBe(folder));
});

describe('exit codes of runs', () => {
  test.each([
    [{ state: 'succeeded', exitCode: 0 }, 0],
    [{ state: 'failed', exitCode: 42, signal: null }, 42],
    [{ state: 'failed', exitCode: null, signal: 'KILL' }, 137],
    [{ state: 'timed_out', exitCode: null, signal: 'TERM' }, 255],
    [{ state: 'failed', exitCode: null, signal: null }, 255],
    [{ state: 'failed' }, 255],
  ] as const)('%j', (step, code) => expect(stepExitCode(step)).toBe(code));

  const step = (alias: string, exitCode: number | null) =>
    ({ key: 'cmd', alias, kind: 'command', state: 'succeeded', attempt: 1, exitCode }) as const;

  test('of several hosts the highest', () => {
    const view = { state: 'failed', steps: [step('a', 0), step('b', 7)] } as const;
    expect(runExitCode({ ...view, steps: [...view.steps] }, ['a', 'b'])).toBe(7);
  });

  test('a host that never ran counts as 255', () => {
    expect(runExitCode({ state: 'failed', steps: [step('a', 0)] }, ['a', 'b'])).toBe(255);
  });
});

test('words that could have been meant', () => {
  const names = ['task_exec', 'task_exec_sequence', 'task_transfer', 'server_add'];
  expect(nearest('task_exce', names)[0]).toBe('task_exec');
  expect(nearest('task-exec', names)[0]).toBe('task_exec');
  expect(nearest('transfer', names)).toEqual(['task_transfer']);
  expect(nearest('zzzzzzzz', names)).toEqual([]);
});

test('a line for a shell reads back as it was', () => {
  expect(shellLine(['a', 'b c', "it's", '/x/y.js', '$HOME'])).toBe(`a 'b c' 'it'\\''s' /x/y.js '$HOME'`);
});

describe('progress', () => {
  test('a bar when the total is known', () => {
    expect(renderProgress({ progress: 50, total: 100, message: 'a.txt' }, 80)).toMatch(
      /^█{12}·{12} {2}50 % {2}a\.txt$/,
    );
  });

  test('bytes in units', () => {
    expect(renderProgress({ progress: 1024, total: 4096 }, 120, true)).toContain('1.0 KiB of 4.0 KiB');
  });

  test('the message alone otherwise, never wider than the terminal', () => {
    expect(renderProgress({ progress: 3, message: 'line\u001b[2J' }, 80)).toBe('line␛[2J');
    expect(renderProgress({ progress: 3, message: 'x'.repeat(200) }, 20)).toHaveLength(19);
  });
});

test.each([
  [
    'Known: web1. server_list shows them; server_add registers one.',
    'Known: web1. flotilla host list shows them; flotilla host add registers one.',
  ],
  ['See it: task_output {"id":"run_01"} or {"x":1}', 'See it: flotilla task output run_01 or {"x":1}'],
  ['task_answer {"id":"run_01","answer":"y"}', 'flotilla task answer run_01'],
  [
    'raise MAX_QUEUE_SIZE or the known_hosts file, task_execution',
    'raise MAX_QUEUE_SIZE or the known_hosts file, task_execution',
  ],
  ['constructor_name', 'constructor_name'],
])('a hint for people: %s', (hint, expected) => expect(forPeople(hint)).toBe(expected));
