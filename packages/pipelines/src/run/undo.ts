import type { Step } from '../definition/schema.ts';
import { renderArguments, valuesIn } from '../expression/render.ts';
import { callTool } from './call.ts';
import { asError, type ItemResult, readFailure, type StepFailure } from './results.ts';
import { labelOf } from './run-item.ts';
import { isLetGo, isStopped, type Running } from './running.ts';
import { callScope } from './scope.ts';

const ATTEMPTS = 3;
const BACKOFF_MS = 2_000;
const CAUSES: readonly string[] = [
  'CONNECTION_FAILED',
  'TIMEOUT',
  'SERVER_UNAVAILABLE',
  'RATE_LIMITED',
  'QUEUE_FULL',
];

/**
 * Takes back what succeeded, the last first, one at a time. One that cannot be taken back does not keep the others from it.
 * A cancel stops it: what is left is `not_undone`. Returns whether there was anything.
 */
export async function undoAll(on: Running): Promise<boolean> {
  const done = on.pipeline.steps.flatMap((step) =>
    (on.results.get(step.key)?.items ?? [])
      .filter(({ state }) => state === 'succeeded' && step.undo)
      .map((item) => ({ step, item })),
  );
  if (done.length === 0) return false;
  const order = on.graph.levels.flat();
  const place = ({ step, item }: (typeof done)[number]): number =>
    order.indexOf(step.key) * 10_000 + item.index;
  done.sort((a, b) => b.item.endedAt - a.item.endedAt || place(b) - place(a));
  on.job.step.compensate();
  for (const { step, item } of done) item.undo = await undoOne(on, step, item);
  return true;
}

async function undoOne(on: Running, step: Step, item: ItemResult): Promise<NonNullable<ItemResult['undo']>> {
  const { undo } = step;
  if (!undo || isStopped(on)) return { state: 'not_undone' };
  const label = `undo ${labelOf(step, item)}`;
  for (let attempt = 1; ; attempt += 1) {
    on.report(label);
    try {
      const { runId } = await callTool(on, {
        key: `${step.key}.${item.index}.u${attempt}`,
        step: label,
        tool: undo.tool,
        args: renderArguments(undo.tool, undo.with, valuesIn(callScope(on, item))),
        delayMs: attempt === 1 ? 0 : BACKOFF_MS * (attempt - 1),
      });
      return { state: 'undone', ...(runId !== undefined && { runId }) };
    } catch (cause) {
      if (isLetGo(on)) throw cause;
      const { failure, record } = readFailure(asError(cause));
      if (isStopped(on)) return { state: 'not_undone', failure };
      if (attempt < ATTEMPTS && mayTryAgain(failure)) continue;
      return { state: 'undo_failed', failure, ...(record.runId !== undefined && { runId: record.runId }) };
    }
  }
}

const mayTryAgain = ({ code, answered }: StepFailure): boolean => !answered && CAUSES.includes(code);
