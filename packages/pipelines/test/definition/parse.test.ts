import { expect, test } from 'vitest';
import { parsePipeline } from '../../src/definition/parse.ts';

const problemsOf = (source: unknown): string[] =>
  parsePipeline(source).problems.map(({ path, message }) => `${path}: ${message}`);

const YAML = `
name: deploy
description: What it is for
inputs:
  version: { required: true, description: Which one }
steps:
  - key: build
    tool: task_exec
    with: { alias: web1, cmd: make }
  - key: ship
    needs: [build]
    tool: task_exec
    with:
      alias: web1
      cmd: ship
    retry: { maxAttempts: 3 }
`;

test('YAML and JSON are read alike, with defaults', () => {
  const { pipeline } = parsePipeline(YAML);
  expect(pipeline).toMatchObject({
    name: 'deploy',
    onFailure: 'undo',
    inputs: { version: { type: 'string', required: true, secret: false } },
    steps: [
      { key: 'build', needs: [], when: 'success', with: { cmd: 'make' } },
      { key: 'ship', needs: ['build'], retry: { maxAttempts: 3, backoff: 5, maxBackoff: 300 } },
    ],
  });
  expect(parsePipeline(JSON.stringify(pipeline)).pipeline).toEqual(pipeline);
  expect(parsePipeline(pipeline).pipeline).toEqual(pipeline);
});

test('all problems of the form come at once, steps by their key', () => {
  expect(
    problemsOf({
      name: 'no spaces',
      steps: [
        { key: 'Build', tool: 'task_exec' },
        { key: 'ship', tool: 'task_exec', wiht: {}, retry: { maxAttempts: 0 }, needs: 'build' },
        { key: 'each', tool: 'x', forEach: { hosts: 'all', items: [1] } },
      ],
      extra: 1,
    }).toSorted(),
  ).toEqual([
    'extra: unknown',
    'name: letters, digits, dot, dash and underscore, at most 63',
    expect.stringMatching(/^steps\.Build\.key: /),
    expect.stringMatching(/^steps\.each\.forEach: /),
    expect.stringMatching(/^steps\.ship\.needs: /),
    expect.stringMatching(/^steps\.ship\.retry\.maxAttempts: /),
    'steps.ship.wiht: unknown',
  ]);
});

test.each([
  ['nothing', ''],
  ['a word', 'hello'],
  ['a list', '- 1'],
  ['null', null],
  ['a number', 7],
  ['no steps', { name: 'a', steps: [] }],
  ['broken YAML', 'name: [a'],
  ['two documents', 'name: a\n---\nname: b'],
  ['a key twice', 'name: a\nname: b\nsteps: []'],
  ['a tag that makes code', 'name: !!js/function "function () {}"\nsteps: []'],
])('what is no pipeline says so: %s', (_, source) => {
  const problems = problemsOf(source);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.join('\n')).not.toContain('undefined');
});

const laughs = `a: &a [${'x,'.repeat(9)}x]
${'bcdefghij'
  .split('')
  .map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(9)}*${'abcdefghi'[index]}]`)
  .join('\n')}
name: laughs
steps: *j`;

test.each([
  ['a billion laughs', laughs],
  ['deep nesting', `name: a\nsteps: ${'['.repeat(5_000)}${']'.repeat(5_000)}`],
  ['deep objects', JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`) as unknown],
  ['too long', `name: ${'a'.repeat(300_000)}`],
  [
    '10,000 steps',
    { name: 'a', steps: Array.from({ length: 10_000 }, (_one, i) => ({ key: `s${i}`, tool: 't' })) },
  ],
  [
    'a megabyte of text',
    { name: 'a', steps: [{ key: 'a', tool: 't', with: { cmd: 'x'.repeat(9_000_000) } }] },
  ],
  ['a prototype', JSON.parse('{"__proto__": {"a": 1}, "name": "a", "steps": []}') as unknown],
  [
    'a prototype in YAML',
    'name: a\nsteps:\n  - key: a\n    tool: t\n    with: { __proto__: { polluted: 1 } }',
  ],
  ['a NUL', { name: 'a', steps: [{ key: 'a', tool: 't', with: { cmd: 'a\0b' } }] }],
])('hostile definitions are refused quickly: %s', (_, source) => {
  const began = performance.now();
  expect(problemsOf(source).length).toBeGreaterThan(0);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
