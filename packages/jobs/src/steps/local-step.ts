import { FlotillaError, type Progress, type RetryPolicy, type StepContext } from '@flotilla/core';
import type { ExecutorParts } from '../engine-parts.ts';
import { asError, errorFromFailure, failureJson } from '../failures.ts';
import { pause, type RunSession } from '../run/session.ts';
import { Hold } from './hold.ts';
import { judge } from './retry.ts';
import type { StepRow } from './step-rows.ts';
import { refuseStopped, stopError } from './stopped.ts';

export interface LocalStep<T> {
  kind: 'repeatable' | 'once';
  key: string;
  alias: string;
  retry: RetryPolicy | undefined;
  run(context: StepContext): Promise<T>;
}

/** A step that runs inside this process. */
export async function runLocalStep<T>(
  parts: ExecutorParts,
  session: RunSession,
  step: LocalStep<T>,
): Promise<T> {
  session.assertHeld();
  const recorded = session.book.take(step.key, step.alias, step.kind);
  if (recorded?.failure) throw errorFromFailure(recorded.failure);
  if (recorded?.outcome) return (JSON.parse(recorded.outcome) as { value: T }).value;
  const id = { key: step.key, alias: step.alias };
  if (recorded && recorded.state !== 'queued' && step.kind === 'once') {
    const error = new FlotillaError('INTERRUPTED', `Step "${step.key}" was cut off and must not run twice.`, {
      details: { step: step.key, ...(step.alias && { alias: step.alias }) },
    });
    const failure = failureJson(error, parts.redactor, parts.now());
    const change = { state: 'interrupted' as const, failure, ended_at: parts.now() };
    await session.write([{ op: 'step', ...id, change }], { durable: false });
    throw error;
  }
  return attempt(parts, session, step, recorded);
}

async function attempt<T>(
  parts: ExecutorParts,
  session: RunSession,
  step: LocalStep<T>,
  recorded: StepRow | undefined,
): Promise<T> {
  const id = { key: step.key, alias: step.alias };
  const name = `${step.key}@${step.alias}`;
  for (let tries = 1, number = (recorded?.attempt ?? 0) + 1; ; tries++, number++) {
    refuseStopped(session);
    const hold = new Hold(session, id);
    const intent = {
      ...id,
      kind: step.kind,
      attempt: number,
      command_id: null,
      intent_at: parts.now(),
      remote: null,
    };
    await session.write([{ op: 'intent', step: intent }], { durable: step.kind === 'once' });
    try {
      const value = await step.run({
        signal: session.signal,
        attempt: number,
        progress: (update: Progress) => session.setProgress(update),
        waiting: (reason) => hold.show(reason),
      });
      hold.show(undefined);
      session.assertHeld();
      const outcome = JSON.stringify(parts.redactor?.value({ value }) ?? { value });
      session.note({ op: 'step', ...id, change: { state: 'succeeded', outcome, ended_at: parts.now() } });
      return value;
    } catch (cause) {
      session.assertHeld();
      hold.show(undefined);
      const stopped = session.stopReason !== undefined;
      const { error, retryInMs } = judge(stopped ? stopError(session) : asError(cause), tries, step.retry);
      if (retryInMs === undefined || stopped) {
        if (stopped) session.cutShort = true;
        const failure = failureJson(error, parts.redactor, parts.now());
        const state = stopped ? 'cancelled' : error.code === 'INTERRUPTED' ? 'interrupted' : 'failed';
        session.note({ op: 'step', ...id, change: { state, failure, ended_at: parts.now() } });
        throw error;
      }
      session.setWaiting(name, `attempt ${tries + 1} of step ${step.key}: ${error.message}`);
      await pause(retryInMs, session.signal);
      session.setWaiting(name, undefined);
    }
  }
}
