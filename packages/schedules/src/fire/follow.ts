import { setTimeout as delay } from 'node:timers/promises';
import { type CalledRun, isFlotillaError, isOpen, type ServiceHost } from '@flotilla/core';
import type { Book } from '../book.ts';
import { openCall } from '../store/sealed-call.ts';
import type { Ending, Firing } from '../store/types.ts';

const WAIT_MS = 30_000;
/** Until a run that asks a question, or a server that is away, is looked at again. */
const AGAIN_MS = 2_000;

/** Waits for the end of a firing's run, however long it takes, and records it. */
export async function follow(
  host: ServiceHost,
  { schedules, firings }: Pick<Book, 'schedules' | 'firings'>,
  firing: Firing,
  signal: AbortSignal,
) {
  const { id, schedule, runId } = firing;
  const sealed = schedules.call(schedule);
  if (runId === undefined || sealed === undefined) return;
  const { principal } = openCall(host.cipher, schedule, sealed);
  while (!signal.aborted) {
    try {
      const run = await host.calls.wait(runId, WAIT_MS, { principal, signal });
      if (!isOpen(run.state)) return await firings.end(id, endingOf(host, run));
      if (run.state === 'waiting') await delay(AGAIN_MS, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      if (isFlotillaError(error) && error.code === 'NOT_FOUND')
        return await firings.end(id, { state: 'unknown', reason: 'its run is not in the history any more' });
      await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function endingOf(host: ServiceHost, { state, isError, failure }: CalledRun): Ending {
  const said = failure && {
    failure: { code: failure.code, message: host.redactor.text(failure.message).slice(0, 500) },
  };
  if (state === 'succeeded')
    return isError ? { state: 'failed', reason: 'its answer says that it failed' } : { state: 'succeeded' };
  if (state === 'cancelled' || state === 'timed_out' || state === 'interrupted') return { state, ...said };
  return { state: 'failed', ...said };
}
