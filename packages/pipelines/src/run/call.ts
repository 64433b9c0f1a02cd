import { setTimeout as delay } from 'node:timers/promises';
import {
  type CalledRun,
  type CallOptions,
  type CallResult,
  FlotillaError,
  isFlotillaError,
  type KnownTool,
  type Progress,
  type StepContext,
} from '@flotilla/core';
import { capOutput } from './cap-output.ts';
import { findTool } from './find-tool.ts';
import { followRun } from './follow.ts';
import { type CallRecord, failedCall } from './results.ts';
import { isStopped, type Running } from './running.ts';

/** Time for the server of a tool to come back: it was there when the pipeline was checked. */
const TOOL_MS = 120_000;
const AGAIN_MS = 500;

export interface Call {
  /** Of the engine's step: the same on every replay. */
  key: string;
  /** Names the step for people. */
  step: string;
  tool: string;
  args: Record<string, unknown>;
  timeoutMs?: number | undefined;
  /** Before it begins: the backoff of a further attempt. */
  delayMs?: number;
  /** Items of the step: the more, the less is kept of each. */
  items?: number;
}

/**
 * One call as one step of the run. A job tool becomes a run with a key of its own, so that after a crash the same run is
 * followed and not another one started; so does what only reads. Anything else happens once: a crash in its middle leaves
 * the pipeline interrupted.
 */
export async function callTool(on: Running, call: Call): Promise<CallRecord> {
  const { job } = on;
  const again = on.again.has(call.tool);
  const run = (context: StepContext) => makeCall(on, { ...call, again }, context);
  return again ? job.step.repeatable(call.key, run) : job.step.once(call.key, run);
}

/** May a call of the tool be made again after a crash, whatever its arguments are? */
export function canRepeat({ job, maxEffect, inputSchema }: KnownTool): boolean {
  const properties = (inputSchema['properties'] ?? {}) as Record<string, unknown>;
  return maxEffect === 'read' || (job && Object.hasOwn(properties, 'idempotencyKey'));
}

async function makeCall(
  on: Running,
  call: Call & { again: boolean },
  context: StepContext,
): Promise<CallRecord> {
  const { job } = on;
  if (call.delayMs) await delay(call.delayMs, undefined, { signal: context.signal }).catch(() => undefined);
  if (context.signal.aborted) throw new FlotillaError('CANCELLED', 'The pipeline was cancelled.');
  await findTool(on, call.tool, TOOL_MS);
  const began = Date.now();
  const onProgress = (update: Progress): void => on.report(call.step, update);
  const limit = call.timeoutMs === undefined ? undefined : AbortSignal.timeout(call.timeoutMs);
  const signal = limit ? AbortSignal.any([context.signal, limit]) : context.signal;
  const idempotencyKey = `${job.runId}:${call.key}`;
  try {
    const options = { principal: job.principal, signal, idempotencyKey, onProgress };
    const result = await reach(on, call, options);
    if (!('runId' in result)) return record(on, call, result.output, result.isError);
    const { startedAt } = await on.children.add(job.runId, call.key, result.runId, began);
    const deadline = call.timeoutMs === undefined ? Number.MAX_SAFE_INTEGER : startedAt + call.timeoutMs;
    const run = await followRun(on, context, result.runId, deadline, onProgress);
    return recordRun(on, call, run);
  } catch (error) {
    if (limit?.aborted && isFlotillaError(error) && error.code === 'CANCELLED' && !isStopped(on))
      throw new FlotillaError(
        'TIMEOUT',
        `The step reached its time limit of ${(call.timeoutMs ?? 0) / 1000} s.`,
      );
    throw error;
  }
}

/**
 * A server that is away is called again, when that cannot do harm. Otherwise a call that may have reached it leaves
 * INTERRUPTED: whether it took effect is not known.
 */
async function reach(
  { host }: Running,
  { tool, args, again }: Call & { again: boolean },
  options: CallOptions,
): Promise<CallResult> {
  const deadline = performance.now() + TOOL_MS;
  for (;;) {
    try {
      return await host.calls.call(tool, args, options);
    } catch (error) {
      if (!isFlotillaError(error) || error.code !== 'SERVER_UNAVAILABLE') throw error;
      const { server, sent } = error.details;
      if (!again && sent === true)
        throw new FlotillaError('INTERRUPTED', error.message, { details: error.details, cause: error });
      // Only the server of the tool itself: what the tool says of others is its answer.
      if (typeof server !== 'string' || options.signal.aborted || performance.now() > deadline) throw error;
      await delay(AGAIN_MS, undefined, { signal: options.signal }).catch(() => undefined);
    }
  }
}

function recordRun(on: Running, call: Call, run: CalledRun): CallRecord {
  const { id, state, output, failure } = run;
  // The state counts: a person may have found that what was interrupted took effect.
  if (output) return record(on, call, output, state !== 'succeeded', id);
  // A person resolved it: it took effect, and nobody knows its output.
  if (state === 'succeeded') return record(on, call, {}, false, id);
  if (state === 'failed' && failure?.code === 'INTERRUPTED')
    throw failedCall(
      { code: 'CONFLICT', message: `${id} was interrupted, and a person found that it failed.` },
      { runId: id, endedAt: Date.now() },
    );
  const { code = 'INTERNAL', message = `${id} is ${state}.`, hint } = failure ?? {};
  throw failedCall({ code, message, ...(hint && { hint }) }, { runId: id, endedAt: Date.now() });
}

function record(
  { host }: Running,
  call: Call,
  output: Record<string, unknown>,
  isError: boolean,
  runId?: string,
): CallRecord {
  const kept: CallRecord = {
    ...capOutput(host.redactor.value(output), call.items),
    ...(runId !== undefined && { runId }),
    endedAt: Date.now(),
  };
  if (!isError) return kept;
  const message = `${call.tool} answered with an error${exitCodes(output)}.`;
  const hint = runId === undefined ? 'Its output says why.' : `task_status {"id":"${runId}"} says why.`;
  throw failedCall({ code: 'CONFLICT', message, hint }, { ...kept, answered: true });
}

/** Numbers and aliases only: no word of a host becomes ours. */
function exitCodes({ rows }: Record<string, unknown>): string {
  if (!Array.isArray(rows)) return '';
  const failed = rows.flatMap((row: unknown) => {
    const { alias, exitCode } = (row ?? {}) as { alias?: unknown; exitCode?: unknown };
    return typeof alias === 'string' && typeof exitCode === 'number' && exitCode !== 0
      ? [`exit code ${exitCode} on ${alias.slice(0, 63)}`]
      : [];
  });
  if (failed.length === 0) return '';
  const rest = failed.length > 3 ? ` and ${failed.length - 3} more` : '';
  return `: ${failed.slice(0, 3).join(', ')}${rest}`;
}
