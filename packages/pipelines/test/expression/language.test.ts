import { expect, test } from 'vitest';
import { compile, ExpressionError, type Scope } from '../../src/expression/language.ts';

const scope: Scope = {
  inputs: { n: 3, text: 'hi', yes: true, list: [1, 2.5], map: { a: 1 }, empty: [] },
  steps: {
    build: { state: 'succeeded', output: { rows: [{ alias: 'web1', exitCode: 0, stdout: 'v7\n' }] } },
  },
};
const value = (text: string): unknown => compile(text).evaluate(scope);

test.each([
  ['inputs.n + 1', 4],
  ['1 + inputs.n * 2 - 1', 6],
  ['inputs.n / 2', 1.5],
  ['inputs.n % 2 == 1', true],
  ['7 / 2', 3.5],
  ['1 + 2 == 3 && -1 + inputs.n - 1 == 1', true],
  ['inputs.list.map(one, one * 2 + 1)', [3, 6]],
  ['"it\\\'s \\"ü\\" \\n" + string(inputs.n + 1)', 'it\'s "ü" \n4'],
  ['inputs.text.substring(0, size(inputs.text) - 1)', 'h'],
  ['inputs.list[inputs.n - 2]', 2.5],
  ['size(inputs.list)', 2],
  ['inputs.list.filter(one, one > 1)', [2.5]],
  ['steps.build.output.rows.all(row, row.exitCode == 0)', true],
  ['steps.build.output.rows.map(row, row.alias)', ['web1']],
  ['steps.build.output.rows[0].stdout.trim()', 'v7'],
  ['steps.build.state == "succeeded" ? "go" : "stop"', 'go'],
  ['has(inputs.nothing) || "text" in inputs', true],
  ['inputs.?nothing.orValue("standard")', 'standard'],
  ['"a" + inputs.text', 'ahi'],
  ['"n is " + string(inputs.n)', 'n is 3'],
  ['inputs.text.matches("^h")', true],
  ['{"a": [1, {"b": inputs.yes}]}', { a: [1, { b: true }] }],
  ['quote("it\'s")', "'it'\\''s'"],
  ['quote(inputs.list)', "'1' '2.5'"],
  ['json(inputs.map)', '{"a":1}'],
  ['null', null],
])('%s', (text, expected) => {
  expect(value(text)).toEqual(expected);
});

test.each([
  'inputs.constructor',
  'inputs["constructor"]',
  'inputs.__proto__',
  'inputs.map.__proto__.constructor',
  'inputs.text.constructor("return process")()',
  'inputs.toString()',
  'steps.build.output.rows.constructor',
  'process.env',
  'globalThis',
  'this',
  'require("fs")',
  'Function("return 1")()',
  'inputs.list.reduce(a, b)',
  'compile("1")',
])('nothing leads out of the values: %s', (text) => {
  expect(() => value(text)).toThrow(ExpressionError);
});

test.each([
  ['nested lists', 'l.map(a, l.map(b, l.map(c, l.exists(d, d < 0)))).size()'.replaceAll('l.', 'inputs.big.')],
  ['a regular expression', '("a" + inputs.many + "!").matches("^(a+)+$X")'],
  ['text that doubles', 'inputs.big.map(a, inputs.big.map(b, inputs.many))'],
])('an expression cannot keep the hub busy: %s', (_, text) => {
  const big = Array.from({ length: 1_000 }, (_one, index) => index);
  const began = performance.now();
  expect(() => compile(text).evaluate({ inputs: { big, many: 'a'.repeat(40) } })).toThrow();
  expect(performance.now() - began).toBeLessThan(10_000);
});

test.each([
  ['deep', `${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
  ['long', `1${'+1'.repeat(2_000)}`],
  ['a list', `[${'1,'.repeat(1_500)}1]`],
  ['a megabyte', `"${'a'.repeat(1_000_000)}"`],
  ['nothing', ''],
  ['half', 'inputs.'],
  ['assignment', 'inputs.n = 4'],
  ['a statement', 'while (true) {}'],
])('what is no expression is refused when it is read: %s', (_, text) => {
  expect(() => compile(text)).toThrow(ExpressionError);
});

test('errors name the expression, never a value', () => {
  const secret = { secrets: { token: 'hunter2-hunter2' } };
  for (const text of [
    'secrets.token + 1',
    'secrets.token.nothing',
    'int(secrets.token)',
    'secrets.token / 2',
  ])
    try {
      compile(text).evaluate(secret);
      expect.unreachable();
    } catch (error) {
      expect(String(error)).not.toContain('hunter2');
    }
});
