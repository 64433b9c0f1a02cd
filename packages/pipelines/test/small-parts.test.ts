import { expect, test } from 'vitest';
import { readInputs } from '../src/check/inputs.ts';
import { parsePipeline } from '../src/definition/parse.ts';
import { batchesOf, mayBegin } from '../src/run/batches.ts';
import { capOutput, OUTPUT_BYTES } from '../src/run/cap-output.ts';

const items = [1, 2, 3, 4, 5];
const rules = (more: object) => ({ items: [], maxParallel: 2, ...more });

test('batches: one without a rule to stop, as large as maxParallel with one, the canary first', () => {
  expect(batchesOf(items, rules({}))).toEqual([[1, 2, 3, 4, 5]]);
  expect(batchesOf(items, rules({ stopAfterFailures: 1 }))).toEqual([[1, 2], [3, 4], [5]]);
  expect(batchesOf(items, rules({ canary: 1 }))).toEqual([[1], [2, 3, 4, 5]]);
  expect(batchesOf(items, rules({ canary: 1, stopAfterFailures: 9 }))).toEqual([[1], [2, 3], [4, 5]]);
  expect(batchesOf([], rules({ canary: 1 }))).toEqual([]);
});

test('a batch begins unless the canary failed or enough did', () => {
  expect(mayBegin(0, 0, rules({ canary: 1 }))).toBe(true);
  expect(mayBegin(1, 1, rules({ canary: 1 }))).toBe(false);
  expect(mayBegin(1, 1, rules({ stopAfterFailures: 2 }))).toBe(true);
  expect(mayBegin(2, 2, rules({ stopAfterFailures: 2 }))).toBe(false);
});

test('a large output loses the middle of its texts, then the ends of its lists, and says so', () => {
  const small = { rows: [{ stdout: 'x' }] };
  expect(capOutput(small)).toEqual({ output: small, truncated: false });
  const text = capOutput({ exitCode: 0, stdout: `begin${'x'.repeat(500_000)}end` });
  expect(text.truncated).toBe(true);
  expect(text.output).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^begin.*left out.*end$/s),
  });
  const list = capOutput({ rows: Array.from({ length: 5_000 }, () => ({ stdout: 'y'.repeat(500) })) });
  expect(JSON.stringify(list.output).length).toBeLessThanOrEqual(OUTPUT_BYTES);
  expect((list.output['rows'] as unknown[]).length).toBeGreaterThan(5);
  expect(
    capOutput({ many: Object.fromEntries(Array.from({ length: 90_000 }, (_, i) => [`k${i}`, i])) }),
  ).toEqual({
    output: {},
    truncated: true,
  });
  expect(JSON.stringify(capOutput({ stdout: 'z'.repeat(60_000) }, 500).output).length).toBeLessThanOrEqual(
    2_048,
  );
});

test('inputs have types, choices and defaults', () => {
  const { pipeline } = parsePipeline({
    name: 'p',
    inputs: {
      text: { default: 'standard' },
      count: { type: 'integer', enum: [1, 2] },
      list: { type: 'array' },
      yes: { type: 'boolean', required: true },
    },
    steps: [{ key: 'a', tool: 'x' }],
  });
  if (!pipeline) throw new Error('it does not parse');
  expect(readInputs(pipeline, { inputs: { yes: false, count: 2 } })).toEqual({
    values: { text: 'standard', count: 2, yes: false },
    problems: [],
  });
  expect(readInputs(pipeline, { inputs: { text: 1, count: 3, list: {}, yes: 'no' } }).problems).toEqual([
    { path: 'inputs.text', message: 'expected string, received number' },
    { path: 'inputs.count', message: 'one of 1, 2' },
    { path: 'inputs.list', message: 'expected array, received object' },
    { path: 'inputs.yes', message: 'expected boolean, received string' },
  ]);
});
