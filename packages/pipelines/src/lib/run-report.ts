import { ERROR_CODES, visibleControls } from '@flotilla/core';
import { z } from 'zod';
import { capOutput } from '../run/cap-output.ts';
import { type ItemResult, STEP_STATES, type StepFailure, type StepResult } from '../run/results.ts';
import type { PipelineEnd } from '../run/run-pipeline.ts';

/** How small an output is in a report: as if it were one of so many. */
const SHOWN_PARTS = 100;
const Failure = z.object({ code: z.enum(ERROR_CODES), message: z.string(), hint: z.string().optional() });
const Undo = z.object({
  state: z.enum(['undone', 'undo_failed', 'not_undone']),
  runId: z.string().optional(),
  failure: Failure.optional(),
});
const ItemRow = z.object({
  alias: z.string().optional(),
  value: z.unknown().optional(),
  state: z.enum(STEP_STATES),
  attempts: z.number().int(),
  runId: z.string().optional().describe('task_status and task_output of it say more'),
  failure: Failure.optional(),
  output: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Of a call that failed and was no run, shortened'),
  undo: Undo.optional(),
});
export const StepRow = z.object({
  key: z.string(),
  state: z.enum(STEP_STATES),
  undo: z.enum(['undone', 'undo_failed', 'not_undone']).optional().describe('Of a step that succeeded'),
  reason: z.string().optional().describe('Why it did not run'),
  failure: Failure.optional(),
  items: z.array(ItemRow).describe('One, or one for each of forEach'),
});
export const RunReport = {
  pipeline: z.string(),
  version: z.number().int().optional(),
  state: z.enum(['succeeded', 'failed', 'cancelled']),
  summary: z.string().describe('What happened, in one line'),
  undone: z.boolean().describe('What had succeeded was taken back; each step says whether that worked'),
  steps: z.array(StepRow),
  remoteMayStillRun: z
    .array(z.string())
    .optional()
    .describe('Runs whose hosts could not be told of the cancel; it is tried until they answer'),
};
export type StepRow = z.output<typeof StepRow>;
const Report = z.object(RunReport);
export type RunReport = z.output<typeof Report>;

export function runReport(name: string, version: number | undefined, end: PipelineEnd): RunReport {
  const steps = end.results.map(stepRow);
  return {
    pipeline: name,
    ...(version !== undefined && { version }),
    state: end.state,
    summary: summaryOf(end, steps),
    undone: end.undone,
    steps,
    ...(end.mayStillRun.length > 0 && { remoteMayStillRun: end.mayStillRun.map(({ runId }) => runId) }),
  };
}

function stepRow({ key, state, items, failure, reason }: StepResult): StepRow {
  const undo = worstUndo(items);
  return {
    key,
    state,
    ...(undo && { undo }),
    ...(reason !== undefined && { reason }),
    ...(failure && { failure: failureRow(failure) }),
    items: items.map(itemRow),
  };
}

function itemRow({ alias, value, state, attempts, runId, failure, output, undo }: ItemResult) {
  return {
    ...(alias !== undefined && { alias }),
    ...(value !== undefined && { value }),
    state,
    attempts,
    ...(runId !== undefined && { runId }),
    ...(failure && { failure: failureRow(failure) }),
    ...(failure && output && runId === undefined && { output: capOutput(output, SHOWN_PARTS).output }),
    ...(undo && {
      undo: {
        state: undo.state,
        ...(undo.runId !== undefined && { runId: undo.runId }),
        ...(undo.failure && { failure: failureRow(undo.failure) }),
      },
    }),
  };
}

const failureRow = ({ code, message, hint }: StepFailure) => ({
  code,
  message,
  ...(hint !== undefined && { hint }),
});

const WORST = ['undo_failed', 'not_undone', 'undone'] as const;

const worstUndo = (items: readonly ItemResult[]): (typeof WORST)[number] | undefined =>
  WORST.find((state) => items.some(({ undo }) => undo?.state === state));

function summaryOf({ state, undone, mayStillRun }: PipelineEnd, steps: readonly StepRow[]): string {
  const failed = steps.filter((step) => step.failure).map(({ key }) => key);
  const bad = steps
    .filter(({ undo }) => undo === 'undo_failed' || undo === 'not_undone')
    .map(({ key }) => key);
  const back = bad.length === 0 ? 'what it had done was undone' : `undoing failed for ${bad.join(', ')}`;
  const anything = undone && steps.some(({ undo }) => undo !== undefined);
  return `${state}${failed.length > 0 ? ` at ${failed.join(', ')}` : ''}${anything ? `; ${back}` : ''}${mayStillRun.map(stillRunning).join('')}`;
}

const stillRunning = ({ runId, hosts }: PipelineEnd['mayStillRun'][number]): string =>
  `; ${runId} may still run on ${hosts}, which could not be reached: it is stopped there when that can be`;

/** The finding first, then a line per step. */
export function reportText({ pipeline, version, summary, steps }: RunReport): string {
  const name = version === undefined ? pipeline : `${pipeline} version ${version}`;
  return [`${name} ${summary}.`, ...steps.map(stepLine)].join('\n');
}

function stepLine({ key, state, undo, reason, failure, items }: StepRow): string {
  const runs = items.flatMap(({ runId }) => runId ?? []);
  const words = [
    `  ${key}: ${state}`,
    undo === undefined ? '' : `, ${undo.replace('_', ' ')}`,
    items.length > 1
      ? ` (${items.filter((item) => item.state === 'succeeded').length} of ${items.length})`
      : '',
    failure ? `: ${failure.code}: ${visibleControls(failure.message)}` : '',
    reason === undefined ? '' : `: ${reason}`,
    runs.length === 1 ? ` [${runs[0]}]` : '',
  ];
  return words.join('');
}
