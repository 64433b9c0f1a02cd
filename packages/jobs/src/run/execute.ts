import { FlotillaError, type Logger, type Principal, type RunState } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import type { Delivery, Settlement } from '../driver/port.ts';
import { type EngineParts, handlerKey, type JobHandler } from '../engine-parts.ts';
import { asError, failureJson } from '../failures.ts';
import { parseTicketId, runFence } from '../ids.ts';
import { doubtfulSteps, stepsOf } from '../steps/step-rows.ts';
import { createSteps } from '../steps/steps.ts';
import { openArgs } from '../store/stored-args.ts';
import { freeLocks } from './locks.ts';
import { RunClock } from './run-clock.ts';
import { claimRun, endRun, findRun, type RunEnd } from './run-rows.ts';
import { RunSession } from './session.ts';

/** What the submitting process knows of a run whose row is being committed. */
export interface FreshRun {
  lane: string;
  tool: string;
  args: Record<string, unknown>;
  principal: Principal;
  aliases: readonly string[];
}

interface Execution extends FreshRun {
  id: string;
  startedAt: number;
}

/** Takes one delivery of a run's ticket to the run's end, or lets it go. */
export async function executeDelivery(
  parts: EngineParts,
  delivery: Delivery,
  fresh: FreshRun | undefined,
  onEnded: (runId: string, freed: boolean) => void,
): Promise<Settlement> {
  const { runId, epoch } = parseTicketId(delivery.ticket.id);
  const fence = runFence(epoch, delivery.fence);
  const found = fresh ?? parts.store.read((sql) => findRun(sql, runId));
  if (!found) return 'done';
  const handler = parts.handlers.get(handlerKey(found.lane, found.tool));
  if (!handler) return 'elsewhere';

  const claim = (sql: Sql): boolean => claimRun(sql, runId, epoch, fence, parts.now());
  let session: RunSession;
  let run: Execution;
  if (fresh) {
    session = new RunSession(parts, { id: runId, aliases: fresh.aliases.length }, fence, []);
    run = { ...fresh, id: runId, startedAt: parts.now() };
    // A claim that fails is seen by the session's first write, which is refused for the same reason.
    parts.store.write(claim, { durable: false }).then(
      (won) => won || session.letGo(),
      () => session.letGo(),
    );
  } else {
    const won = await parts.store.write((sql) => (claim(sql) ? claimed(sql, runId) : undefined), {
      durable: false,
    });
    if (!won) return 'done';
    const aliases = JSON.parse(won.row.aliases) as string[];
    session = new RunSession(parts, { id: runId, aliases: aliases.length }, fence, won.steps);
    run = {
      id: runId,
      lane: won.row.lane,
      tool: won.row.tool,
      args: openArgs(won.row.args, parts.cipher),
      principal: JSON.parse(won.row.caller) as Principal,
      aliases,
      startedAt: won.row.started_at ?? parts.now(),
    };
    if (won.row.cancel) session.stop('cancelled');
    parts.changes.emit(runId);
  }
  return execute(parts, delivery, session, run, handler, onEnded);
}

function claimed(sql: Sql, runId: string) {
  const row = findRun(sql, runId);
  return row && { row, steps: stepsOf(sql, runId) };
}

async function execute(
  parts: EngineParts,
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
    if (session.gone.aborted) return 'done';
    const end = await runHandler(parts, session, run, handler);
    clock.stop();
    session.close();
    if (session.gone.aborted) return 'done';
    const ended = session.write((sql) => recordEnd(sql, run.id, end), { durable: false });
    const settled = parts.driver.settle(delivery.ticket.id, delivery.fence, 'done').catch(() => false);
    const freed = await ended.catch((error: unknown) => {
      if (!session.gone.aborted)
        parts.log.error({ err: error, run: run.id }, 'the end of a run was not stored');
      return false;
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

async function runHandler(
  parts: EngineParts,
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

/** A step whose outcome is not known makes the whole run `interrupted`; what may still run keeps its locks. Returns whether locks were freed. */
function recordEnd(sql: Sql, runId: string, end: RunEnd): boolean {
  const doubtful = doubtfulSteps(sql, runId);
  const unknown = doubtful.some((step) => step.state === 'interrupted');
  const mayRun = doubtful.filter((step) => step.remote === 'stopping').map((step) => step.alias);
  const note = mayRun.length > 0 ? `remoteMayStillRun: ${mayRun.join(', ')}` : undefined;
  const state = unknown && end.state !== 'cancelled' ? 'interrupted' : end.state;
  endRun(sql, runId, { ...end, state, note });
  return state !== 'interrupted' && mayRun.length === 0 && freeLocks(sql, runId);
}
