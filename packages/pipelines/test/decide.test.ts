import { expect, test } from 'vitest';
import { graphOf } from '../src/check/graph.ts';
import { parsePipeline } from '../src/definition/parse.ts';
import { judge, whyNot } from '../src/run/decide.ts';
import { ended, type StepState } from '../src/run/results.ts';
import type { Running } from '../src/run/running.ts';
import { x } from './support/expressions.ts';

/** A run whose steps have ended so far as told. */
function running(steps: object[], states: Record<string, StepState>, more: object = {}): Running {
  const { pipeline, problems } = parsePipeline({
    name: 'p',
    ...more,
    steps: steps.map((step) => ({ tool: 't', ...step })),
  });
  if (!pipeline) throw new Error(JSON.stringify(problems));
  const results = new Map(Object.entries(states).map(([key, state]) => [key, ended(key, state)]));
  const { graph } = graphOf(pipeline.steps);
  return { pipeline, graph, results, inputs: { on: true }, job: { runId: 'run_1' } } as unknown as Running;
}

const decide = (when: string | undefined, states: Record<string, StepState>, a: object = {}) => {
  const steps = [
    { key: 'a', ...a },
    { key: 'b', needs: ['a'] },
    { key: 'c', needs: ['b'], ...(when !== undefined && { when }) },
  ];
  const on = running(steps, states);
  const step = on.pipeline.steps.find(({ key }) => key === (states['b'] === undefined ? 'b' : 'c'));
  if (!step) throw new Error('no such step');
  return whyNot(on, step);
};

test.each<[string | undefined, StepState, StepState, string | undefined]>([
  [undefined, 'succeeded', 'succeeded', undefined],
  [undefined, 'succeeded', 'failed', 'b is failed'],
  [undefined, 'succeeded', 'skipped', 'b is skipped'],
  ['any_failed', 'succeeded', 'succeeded', 'nothing before it failed'],
  ['any_failed', 'failed', 'skipped', undefined],
  ['any_failed', 'succeeded', 'timed_out', undefined],
  ['any_failed', 'succeeded', 'skipped', 'nothing before it failed'],
  ['always', 'failed', 'skipped', undefined],
  [x('inputs.on'), 'succeeded', 'succeeded', undefined],
  [x('!inputs.on'), 'succeeded', 'succeeded', '!inputs.on is false'],
  [x('inputs.on'), 'succeeded', 'failed', 'b is failed'],
  [x('steps.b.state == "failed"'), 'succeeded', 'failed', undefined],
  [x('steps.b.state == "failed"'), 'succeeded', 'succeeded', 'steps.b.state == "failed" is false'],
])('when %s, a is %s and b is %s: %s', (when, a, b, expected) => {
  expect(decide(when, { a, b })).toBe(expected);
});

test('what failed and was declared not to matter counts as done', () => {
  expect(decide(undefined, { a: 'failed' }, { onFailure: 'continue' })).toBeUndefined();
  expect(decide(undefined, { a: 'failed' })).toBe('a is failed');
});

test('a condition that is neither true nor false is an error', () => {
  expect(() => decide(x('inputs.on ? "yes" : "no"'), { a: 'succeeded', b: 'succeeded' })).toThrow(/string/);
  expect(() => decide(x('inputs.other'), { a: 'succeeded', b: 'succeeded' })).toThrow(/other/);
});

test.each<[object[], Record<string, StepState>, object, object]>([
  [[{ key: 'a' }], { a: 'succeeded' }, {}, { failed: false, undo: false }],
  [[{ key: 'a' }], { a: 'failed' }, {}, { failed: true, undo: true }],
  [[{ key: 'a' }], { a: 'failed' }, { onFailure: 'stop' }, { failed: true, undo: false }],
  [[{ key: 'a', onFailure: 'stop' }], { a: 'timed_out' }, {}, { failed: true, undo: false }],
  [[{ key: 'a', onFailure: 'undo' }], { a: 'failed' }, { onFailure: 'stop' }, { failed: true, undo: true }],
  [[{ key: 'a', onFailure: 'continue' }], { a: 'failed' }, {}, { failed: false, undo: false }],
  [
    [{ key: 'a', onFailure: 'stop' }, { key: 'b' }],
    { a: 'failed', b: 'failed' },
    {},
    { failed: true, undo: true },
  ],
])('what follows from the end of all steps: %j %j %j', (steps, states, more, verdict) => {
  expect(judge(running(steps, states, more))).toEqual(verdict);
});
