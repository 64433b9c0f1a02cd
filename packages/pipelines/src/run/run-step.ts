import { FlotillaError } from '@flotilla/core';
import type { Step } from '../definition/schema.ts';
import { renderText, valuesIn } from '../expression/render.ts';
import type { LockRequest } from '../store/locks.ts';
import { askForApproval } from './approval.ts';
import { whyNot } from './decide.ts';
import { asCaller } from './follow.ts';
import { itemsOf, runItems } from './items.ts';
import { asError, ended, type ItemResult, readFailure, type StepResult, type StepState } from './results.ts';
import { isLetGo, isStopped, type Running } from './running.ts';
import { openScope } from './scope.ts';

/** A step whose needs have ended, to its own end. Throws only when this process lets the run go. */
export async function runStep(on: Running, step: Step): Promise<StepResult> {
  try {
    if (isInterrupted(on))
      return ended(step.key, 'not_started', { reason: 'an earlier step is interrupted' });
    const reason = whyNot(on, step);
    if (reason !== undefined) return ended(step.key, isStopped(on) ? 'not_started' : 'skipped', { reason });
    return await locked(on, step, async () => {
      const items = await itemsOf(on, step);
      if (step.approval) await askForApproval(on, step, step.approval, items);
      return fromItems(step, await runItems(on, step, items));
    });
  } catch (cause) {
    if (isLetGo(on)) throw cause;
    const { failure } = readFailure(asError(cause));
    if (isStopped(on)) return ended(step.key, 'cancelled', { failure });
    const state = failure.code === 'INTERRUPTED' ? 'interrupted' : 'failed';
    return ended(step.key, state, { failure });
  }
}

const isInterrupted = ({ results }: Running): boolean =>
  [...results.values()].some(({ state }) => state === 'interrupted');

const WORST: readonly StepState[] = ['interrupted', 'cancelled', 'timed_out', 'failed', 'not_started'];

function fromItems(step: Step, items: ItemResult[]): StepResult {
  const state = WORST.find((one) => items.some((item) => item.state === one)) ?? 'succeeded';
  const failures = items.filter(({ failure }) => failure);
  const [first] = failures;
  if (!first?.failure) return { key: step.key, state: state === 'not_started' ? 'failed' : state, items };
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
  const where = step.forEach ? `${first.alias ?? `item ${first.index + 1}`}: ` : '';
  const failure = { ...first.failure, message: `${where}${first.failure.message}${more}` };
  return { key: step.key, state: state === 'not_started' ? 'failed' : state, items, failure };
}

async function locked(on: Running, step: Step, work: () => Promise<StepResult>): Promise<StepResult> {
  if (step.lock === undefined) return work();
  const key = String(renderText(step.lock, valuesIn(openScope(on))));
  const request = { run: on.job.runId, step: step.key, key };
  await acquire(on, request, step.key);
  const result = await work();
  // A cancel may not reach the host: the end of the pipeline decides.
  if (result.state !== 'interrupted' && !isStopped(on)) await on.locks.release(request);
  return result;
}

/** CANCELLED when the pipeline is stopped meanwhile. What `blocked` throws ends the waiting. */
export async function acquire(
  on: Running,
  request: LockRequest,
  label: string,
  blocked: (holder: string) => void = () => {},
): Promise<void> {
  try {
    await on.locks.acquire(request, { ...asCaller(on), signal: on.job.signal }, ({ run }) => {
      on.report(label, { progress: 0, message: `waits for lock ${request.key} held by ${run}` });
      blocked(run);
    });
  } catch (error) {
    if (!isLetGo(on)) await on.locks.release(request);
    if (!on.job.signal.aborted) throw error;
    throw new FlotillaError('CANCELLED', 'The pipeline was cancelled.', { cause: error });
  }
}
