import { isOpen, nextForRun, RUN_STATES, type RunView, runFailure, type StepView } from '@flotilla/core';
import { z } from 'zod';
import { iso } from '../text/time.ts';
import { RunRow, runRow } from './run-row.ts';

const Question = z.object({
  step: z.string(),
  alias: z.string().optional(),
  number: z.number(),
  prompt: z.string().describe('Text of the host'),
  secret: z.boolean().describe('A password or the like: only a person can answer'),
});

const Step = z.object({
  key: z.string(),
  alias: z.string().optional(),
  kind: z.enum(['command', 'repeatable', 'once']),
  state: z.enum(RUN_STATES),
  attempt: z.number(),
  exitCode: z.number().nullable().optional(),
  signal: z.string().nullable().optional(),
  startedAt: z.string().optional(),
  endedAt: z.string().optional(),
  durationMs: z.number().optional(),
  code: z.string().optional(),
  reason: z.string().optional(),
  note: z.string().optional(),
});

/** One run in full. */
export const RunDetail = RunRow.extend({
  ended: z.boolean(),
  principal: z.string(),
  server: z.string(),
  steps: z.array(Step),
  questions: z.array(Question).optional().describe('What the run waits for; answer with task_answer'),
  output: z.record(z.string(), z.unknown()).optional().describe('The answer of the tool, once it ended'),
  isError: z.boolean().optional(),
  details: z.record(z.string(), z.unknown()).optional().describe('Facts about the failure'),
  hint: z.string().optional(),
  tail: z.string().describe('Last lines of output so far, text of the hosts'),
  next: z.string().describe('What to call next'),
});
export type RunDetail = z.output<typeof RunDetail>;

function stepRow(step: StepView, now: number): z.output<typeof Step> {
  const { alias, exitCode, signal, startedAt, endedAt, failure, note } = step;
  return {
    key: step.key,
    kind: step.kind,
    state: step.state,
    attempt: step.attempt,
    ...(alias !== undefined && { alias }),
    ...(exitCode !== undefined && { exitCode }),
    ...(signal != null && { signal }),
    ...(startedAt !== undefined && {
      startedAt: iso(startedAt),
      durationMs: Math.max(0, (endedAt ?? now) - startedAt),
    }),
    ...(endedAt !== undefined && { endedAt: iso(endedAt) }),
    ...(failure && { code: failure.code, reason: failure.message }),
    ...(note !== undefined && { note }),
  };
}

export function runDetail(view: RunView, now: number): RunDetail {
  const failure = runFailure(view);
  const questions = view.steps.flatMap(({ key, alias, question }) =>
    question ? [{ step: key, ...(alias !== undefined && { alias }), ...question }] : [],
  );
  return {
    ...runRow(view, now),
    principal: view.principal,
    server: view.lane,
    ended: !isOpen(view.state),
    steps: view.steps.map((step) => stepRow(step, now)),
    ...(questions.length > 0 && { questions }),
    ...(view.output && { output: view.output }),
    ...(view.isError !== undefined && { isError: view.isError }),
    ...(failure && {
      code: failure.code,
      reason: failure.message,
      details: failure.details,
      hint: failure.hint,
    }),
    tail: view.tail,
    next: nextForRun(view),
  };
}
