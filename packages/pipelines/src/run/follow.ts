import { setTimeout as delay } from 'node:timers/promises';
import {
  type CalledRun,
  type CallOptions,
  FlotillaError,
  isFlotillaError,
  isOpen,
  type StepContext,
} from '@flotilla/core';
import { failedCall } from './results.ts';
import { isStopped, type Running } from './running.ts';

const LOOK_MS = 20_000;
const AGAIN_MS = 500;
/** Time for a run to end after it was cancelled. */
const STOP_MS = 30_000;

/**
 * Follows the run that a step became to its end. A run whose outcome is not known, or that asks something, makes the
 * pipeline wait for a person. TIMEOUT after `deadline` (UTC epoch milliseconds); its run is then cancelled, as it is when
 * the pipeline is.
 */
export async function followRun(
  on: Running,
  context: StepContext,
  runId: string,
  deadline: number,
  onProgress?: CallOptions['onProgress'],
): Promise<CalledRun> {
  const { calls } = on.host;
  for (;;) {
    const left = deadline - Date.now();
    const run = await look(on, context, runId, Math.max(0, Math.min(LOOK_MS, left)), onProgress);
    if (run && !isOpen(run.state) && run.state !== 'interrupted') {
      context.waiting(undefined);
      return run;
    }
    if (context.signal.aborted || left <= 0) {
      if (context.signal.aborted && !isStopped(on)) throw new FlotillaError('CANCELLED', 'let go');
      if (run?.state !== 'interrupted') await cancelRun(on, runId);
      if (context.signal.aborted) throw new FlotillaError('CANCELLED', 'The pipeline was cancelled.');
      const after = await calls.wait(runId, STOP_MS, asCaller(on)).catch(() => undefined);
      const message = `The step reached its time limit; ${runId} ${stopped(after)}.`;
      throw failedCall({ code: 'TIMEOUT', message }, { runId, endedAt: Date.now() });
    }
    context.waiting(run && whyWaiting(run));
    if (!run || run.state === 'waiting' || run.state === 'interrupted')
      await delay(Math.min(AGAIN_MS, left), undefined, { signal: context.signal }).catch(() => undefined);
  }
}

/** Hosts that could not be told of a cancel: the run has ended, and its command may still run there. */
export function mayStillRunOn({ state, waitingFor }: CalledRun): string | undefined {
  const hosts = /^remoteMayStillRun: (.+)$/.exec(waitingFor ?? '')?.[1];
  return isOpen(state) ? undefined : hosts;
}

const stopped = (run: CalledRun | undefined): string =>
  run && !isOpen(run.state) ? 'was cancelled' : 'was asked to stop';

/** Undefined when the server that holds the run is away: it is asked again. */
async function look(
  on: Running,
  { signal }: StepContext,
  runId: string,
  waitMs: number,
  onProgress: CallOptions['onProgress'],
): Promise<CalledRun | undefined> {
  try {
    return await on.host.calls.wait(runId, waitMs, {
      ...asCaller(on),
      signal,
      ...(onProgress && { onProgress }),
    });
  } catch (error) {
    if (signal.aborted) return undefined;
    if (isFlotillaError(error) && (error.code === 'SERVER_UNAVAILABLE' || error.code === 'CONNECTION_FAILED'))
      return undefined;
    throw error;
  }
}

function whyWaiting({ id, state }: CalledRun): string | undefined {
  if (state === 'interrupted')
    return `${id} was interrupted: whether it took effect is not known; a person looks, then: flotilla task resolve ${id}`;
  return state === 'waiting' ? `${id} asks something: flotilla task answer ${id}` : undefined;
}

/** As the principal of the pipeline; nothing aborts it. */
export const asCaller = ({ job }: Pick<Running, 'job'>): CallOptions => ({
  principal: job.principal,
  signal: new AbortController().signal,
});

/** Cancels a run that may have ended, and waits until it has. */
export async function cancelRun(on: Running, runId: string): Promise<void> {
  const { calls } = on.host;
  try {
    await calls.cancel(runId, on.job.principal);
    await calls.wait(runId, STOP_MS, asCaller(on));
  } catch (error) {
    if (isFlotillaError(error) && error.code === 'CONFLICT') return;
    on.job.log.warn({ err: error, run: runId }, 'a run of a cancelled pipeline was not cancelled');
  }
}
