import { FlotillaError, type Logger, type RunState } from '@flotilla/core';
import type { Delivery, Settlement } from '../driver/port.ts';
import { type ExecutorParts, handlerKey, type JobHandler } from '../engine-parts.ts';
import { asError, failureJson } from '../failures.ts';
import { parseTicketId, runFence } from '../ids.ts';
import { createSteps } from '../steps/steps.ts';
import type { KnownRun } from './known-run.ts';
import { RunClock } from './run-clock.ts';
import type { RunEnd } from './run-rows.ts';
import { RunSession } from './session.ts';

const CLAIM_AGAIN_MS = 1_000;

interface Execution extends KnownRun {
  id: string;
  startedAt: number;
}

/** Takes one delivery of a run's ticket to the run's end, or lets it go. `fresh`: this process is committing its row. */
export async function executeDelivery(
  parts: ExecutorParts,
  delivery: Delivery,
  fresh: KnownRun | undefined,
  onEnded: (runId: string, freed: boolean) => void,
): Promise<Settlement> {
  const { runId, epoch } = parseTicketId(delivery.ticket.id);
  const key = { runId, epoch, fence: runFence(epoch, delivery.fence) };
  const handlerOf = (lane: string, tool: string): JobHandler | undefined =>
    parts.handlers.get(handlerKey(lane, tool));
  if (fresh) {
    const handler = handlerOf(fresh.lane, fresh.tool);
    if (!handler) return 'elsewhere';
    const session = new RunSession(parts, { id: runId, aliases: fresh.aliases.length }, key.fence, []);
    // A claim that fails is seen by the session's first write, which is refused for the same reason.
    parts.ledger.take(key).then(
      (won) => won || session.letGo(),
      () => session.letGo(),
    );
    const run = { ...fresh, id: runId, startedAt: parts.now() };
    return execute(parts, delivery, session, run, handler, onEnded);
  }
  const claimed = await parts.ledger
    .claim(key, (lane, tool) => handlerOf(lane, tool) !== undefined)
    .catch((error: unknown) => {
      parts.log.warn({ err: error, run: runId }, 'a run could not be claimed; it is tried again');
      return 'later' as const;
    });
  if (claimed === 'elsewhere') return 'elsewhere';
  if (claimed === 'later') return { requeueAt: parts.now() + CLAIM_AGAIN_MS };
  const handler = claimed !== 'refused' && handlerOf(claimed.lane, claimed.tool);
  if (claimed === 'refused' || !handler) return 'done';
  const run = { id: runId, aliases: claimed.aliases.length };
  const session = new RunSession(parts, run, key.fence, claimed.steps);
  if (claimed.cancelled) session.stop('cancelled');
  parts.changes.emit(runId);
  return execute(parts, delivery, session, { ...claimed, id: runId }, handler, onEnded);
}

async function execute(
  parts: ExecutorParts,
  delivery: Delivery,
  session: RunSession,
  run: Execution,
  handler: JobHandler,
  onEnded: (runId: string, freed: boolean) => void,
): Promise<Settlement> {
  parts.sessions.set(run.id, session);
  delivery.onLost(() => session.letGo());
  const onAbort = (): void => {
    if (delivery.signal.reason === 'cancel') session.stop('cancelled');
  };
  if (delivery.signal.aborted) onAbort();
  else delivery.signal.addEventListener('abort', onAbort);
  const clock = new RunClock(handler.timeoutMs, run.startedAt, parts.now(), () => session.stop('timeout'));
  session.onQuestions((asking) => (asking ? clock.hold() : clock.go()));
  try {
    if (session.gone.aborted) return leftToOthers();
    const end = await runHandler(parts, session, run, handler);
    clock.stop();
    session.close();
    if (session.gone.aborted) return leftToOthers();
    const settle = (): Promise<boolean> =>
      parts.driver.settle(delivery.ticket.id, delivery.fence, 'done').catch(() => false);
    const ended = session.write([{ op: 'end', end }], { durable: false });
    // Elsewhere than in one store, a ticket is let go only when the end is known to be kept.
    const settled = parts.driver.sharesStore ? settle() : ended.then(settle, () => false);
    const freed = await ended.catch((error: unknown) => {
      if (session.gone.aborted) return false;
      parts.log.error({ err: error, run: run.id }, 'the end of a run was not stored');
      return session
        .write([{ op: 'end', end: unstorable(parts, error) }], { durable: false })
        .catch(() => false);
    });
    await settled;
    if (!session.gone.aborted) onEnded(run.id, freed);
    return 'done';
  } finally {
    clock.stop();
    session.close();
    if (parts.sessions.get(run.id) === session) parts.sessions.delete(run.id);
    parts.changes.emit(run.id);
  }
}

/** What a run ends with whose result is refused: left open, it would be tried again for ever. */
function unstorable(parts: ExecutorParts, cause: unknown): RunEnd {
  const error = new FlotillaError('INTERNAL', 'The result of the run could not be stored.', {
    details: { cause: asError(cause).message },
  });
  const endedAt = parts.now();
  return { state: 'failed', endedAt, tail: '', failure: failureJson(error, parts.redactor, endedAt) };
}

/** A ticket that was taken away cannot be settled by us any more; one that is still ours must not be lost. */
const leftToOthers = (): Settlement => ({ requeueAt: 0 });

async function runHandler(
  parts: ExecutorParts,
  session: RunSession,
  run: Execution,
  handler: JobHandler,
): Promise<RunEnd> {
  let log: Logger | undefined;
  const job = {
    runId: run.id,
    step: createSteps(parts, session, handler.retry),
    signal: session.signal,
    progress: (update: Parameters<RunSession['setProgress']>[0]) => session.setProgress(update),
    get log() {
      log ??= parts.log.child({ run: run.id, tool: run.tool });
      return log;
    },
    principal: run.principal,
  };
  const returned = await settle(handler, job, run.args, session);
  if (session.gone.aborted) return { state: 'running', endedAt: 0, tail: '' };
  const common = {
    endedAt: parts.now(),
    tail: session.tail.text,
    progress: session.progress && JSON.stringify(session.progress),
  };
  if ('error' in returned) {
    const error = endingError(session, returned.error, handler.timeoutMs);
    if (error.code === 'INTERNAL') {
      parts.log.error({ err: error, run: run.id, tool: run.tool }, 'a run failed unexpectedly');
    }
    return {
      ...common,
      state: stateOfError(session, error),
      failure: failureJson(error, parts.redactor, parts.now()),
    };
  }
  const isError = handler.isError?.(returned.output) ?? false;
  const output = JSON.stringify(parts.redactor?.value(returned.output) ?? returned.output);
  return { ...common, state: stateOfOutput(session, isError), output, isError };
}

/** The handler's result; a handler that ignores being let go is not waited for. */
async function settle(
  handler: JobHandler,
  job: Parameters<JobHandler['run']>[0],
  args: Record<string, unknown>,
  session: RunSession,
): Promise<{ output: Record<string, unknown> } | { error: FlotillaError }> {
  const work = (async () => {
    try {
      return { output: await handler.run(job, args) };
    } catch (cause) {
      return { error: asError(cause) };
    }
  })();
  return Promise.race([work, untilAborted(session.gone)]);
}

function untilAborted(signal: AbortSignal): Promise<{ error: FlotillaError }> {
  return new Promise((resolve) => {
    const done = (): void => resolve({ error: new FlotillaError('CANCELLED', 'let go') });
    if (signal.aborted) done();
    else signal.addEventListener('abort', done, { once: true });
  });
}

/** A stopped run ends with the stop, whatever its handler made of it. */
function endingError(session: RunSession, thrown: FlotillaError, limitMs: number): FlotillaError {
  if (session.stopReason === 'timeout') {
    const limit = `${Math.round(limitMs / 100) / 10} s`;
    return new FlotillaError('TIMEOUT', `The run reached its time limit of ${limit}.`, {
      details: thrown.details,
    });
  }
  if (session.stopReason === 'cancelled' && thrown.code !== 'CANCELLED') {
    return new FlotillaError('CANCELLED', 'The run was cancelled.', { cause: thrown });
  }
  return thrown;
}

function stateOfError(session: RunSession, error: FlotillaError): RunState {
  if (session.stopReason === 'timeout') return 'timed_out';
  if (session.stopReason === 'cancelled') return 'cancelled';
  if (error.code === 'COMMAND_TIMEOUT') return 'timed_out';
  if (error.code === 'INTERRUPTED') return 'interrupted';
  return error.code === 'CANCELLED' ? 'cancelled' : 'failed';
}

function stateOfOutput(session: RunSession, isError: boolean): RunState {
  if (session.cutShort && session.stopReason)
    return session.stopReason === 'timeout' ? 'timed_out' : 'cancelled';
  return isError ? 'failed' : 'succeeded';
}
