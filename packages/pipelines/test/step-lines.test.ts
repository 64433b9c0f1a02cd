import type { RunState, StepView } from '@flotilla/core';
import { expect, test } from 'vitest';
import { parsePipeline } from '../src/definition/parse.ts';
import { stepLines } from '../src/view/step-lines.ts';

const { pipeline } = parsePipeline({
  name: 'p',
  steps: ['a', 'ab', 'b', 'c', 'd', 'e', 'f'].map((key) => ({ key, tool: 'task_exec' })),
});
if (!pipeline) throw new Error('it does not parse');

const view = (key: string, state: RunState, more: Partial<StepView> = {}): StepView => ({
  key,
  kind: 'repeatable',
  state,
  attempt: 1,
  startedAt: 1_000,
  ...(['succeeded', 'failed', 'cancelled', 'interrupted'].includes(state) && { endedAt: 3_000 }),
  ...more,
});
const failure = {
  error: true,
  code: 'CONFLICT',
  message: 'no',
  details: {},
  hint: '',
  timestamp: '',
} as const;

test('a step stands as its calls do: the last attempt of each item counts, and its undo after that', () => {
  const lines = stepLines(pipeline, [
    view('definition', 'succeeded'),
    view('check', 'succeeded'),
    view('a.0.1', 'failed', { failure }),
    view('a.0.2', 'running', { startedAt: 2_000 }),
    view('a.1.1', 'succeeded'),
    view('ab.ask', 'waiting'),
    view('b.0.1', 'succeeded'),
    view('b.0.u1', 'failed', { failure }),
    view('b.0.u2', 'succeeded'),
    view('c.0.1', 'succeeded'),
    view('c.0.u1', 'running'),
    view('d.each', 'succeeded'),
    view('d.0.1', 'failed', { failure }),
    view('d.1.1', 'succeeded'),
    view('e.0.1', 'interrupted', { kind: 'once' }),
  ]);
  expect(lines.map(({ key, state, done, begun, attempt }) => [key, state, done, begun, attempt])).toEqual([
    ['a', 'running', 1, 2, 2],
    ['ab', 'waiting', 0, 0, 0],
    ['b', 'undone', 1, 1, 1],
    ['c', 'undoing', 1, 1, 1],
    ['d', 'failed', 2, 2, 1],
    ['e', 'interrupted', 1, 1, 1],
    ['f', 'pending', 0, 0, 0],
  ]);
  expect(lines[0]).toMatchObject({ startedAt: 1_000 });
  expect(lines[0]).not.toHaveProperty('endedAt');
  expect(lines[4]).toMatchObject({ startedAt: 1_000, endedAt: 3_000, message: 'CONFLICT: no' });
});

test('an approval that was refused is a failure, one that was cut off is not', () => {
  const of = (...steps: StepView[]) => stepLines(pipeline, steps)[0];
  expect(of(view('a.ask', 'failed', { failure }))).toMatchObject({
    state: 'failed',
    message: 'CONFLICT: no',
  });
  expect(of(view('a.ask', 'cancelled'))).toMatchObject({ state: 'cancelled' });
  expect(of(view('a.ask', 'succeeded'), view('a.0.1', 'waiting'))).toMatchObject({ state: 'waiting' });
  expect(of(view('a.0.1', 'timed_out', { endedAt: 5 }))).toMatchObject({ state: 'failed' });
});
