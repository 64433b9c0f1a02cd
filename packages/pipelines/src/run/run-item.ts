import type { ErrorCode } from '@flotilla/core';
import { ANSWERED_ERROR, type Step } from '../definition/schema.ts';
import { renderArguments, valuesIn } from '../expression/render.ts';
import { callTool } from './call.ts';
import { asError, type ItemResult, readFailure, type StepFailure } from './results.ts';
import { isLetGo, isStopped, type Running } from './running.ts';
import { callScope } from './scope.ts';

export type Item = Pick<ItemResult, 'index' | 'alias' | 'value'>;

const DEFAULT_CAUSES: readonly string[] = ['CONNECTION_FAILED', 'TIMEOUT', 'SERVER_UNAVAILABLE'];

/** The call of a step, or of one item of its forEach, with its further attempts. Never throws for what the call throws. */
export async function runItem(on: Running, step: Step, item: Item, items: number): Promise<ItemResult> {
  const attempts = step.retry?.maxAttempts ?? 1;
  for (let attempt = 1; ; attempt += 1) {
    on.report(labelOf(step, item));
    try {
      const args = renderArguments(step.tool, step.with, valuesIn(callScope(on, item)));
      const record = await callTool(on, {
        key: `${step.key}.${item.index}.${attempt}`,
        step: labelOf(step, item),
        tool: step.tool,
        args,
        timeoutMs: step.timeout === undefined ? undefined : step.timeout * 1000,
        delayMs: attempt === 1 ? 0 : backoffMs(step, attempt),
        items,
      });
      return { ...item, state: 'succeeded', attempts: attempt, ...record };
    } catch (cause) {
      if (isLetGo(on)) throw cause;
      const { failure, record } = readFailure(asError(cause));
      const stopped = isStopped(on);
      if (!stopped && attempt < attempts && isListed(step, failure)) continue;
      return {
        ...item,
        attempts: attempt,
        state: stateOf(failure, stopped),
        failure,
        endedAt: record.endedAt ?? Date.now(),
        ...(record.runId !== undefined && { runId: record.runId }),
        ...(record.output && { output: record.output, truncated: record.truncated ?? false }),
      };
    }
  }
}

export const labelOf = (step: Pick<Step, 'key' | 'forEach'>, { alias, index }: Item): string =>
  step.forEach ? `${step.key} ${alias ?? index + 1}` : step.key;

function stateOf(failure: StepFailure, stopped: boolean): ItemResult['state'] {
  if (failure.code === 'INTERRUPTED') return 'interrupted';
  if (stopped && failure.code === 'CANCELLED') return 'cancelled';
  return failure.code === 'TIMEOUT' || failure.code === 'COMMAND_TIMEOUT' ? 'timed_out' : 'failed';
}

function isListed({ retry }: Step, { code, answered }: StepFailure): boolean {
  const causes: readonly (ErrorCode | string)[] = retry?.on ?? DEFAULT_CAUSES;
  return code !== 'INTERRUPTED' && causes.includes(answered ? ANSWERED_ERROR : code);
}

/** Twice as long before each further attempt. */
function backoffMs({ retry }: Step, attempt: number): number {
  const { backoff = 0, maxBackoff = 0 } = retry ?? {};
  return Math.min(backoff * 2 ** (attempt - 2), maxBackoff) * 1000;
}
