import { type Approval, type ApprovalRequest, FlotillaError, type Question } from '@flotilla/core';
import type { ExecutorParts } from '../engine-parts.ts';
import { errorFromFailure, failureJson } from '../failures.ts';
import type { RunSession } from '../run/session.ts';
import { Hold } from './hold.ts';
import { refuseStopped, stopError } from './stopped.ts';

/** What a person said, as the outcome of the step. */
export interface Verdict extends Approval {
  approved: boolean;
  digest: string;
}

/** A step that a person takes: it is asked once, and answered by any process of the data folder. */
export async function runApprovalStep(
  parts: ExecutorParts,
  session: RunSession,
  key: string,
  request: ApprovalRequest,
): Promise<Approval> {
  session.assertHeld();
  const step = { key, alias: '' };
  const recorded = session.book.take(key, '', 'repeatable');
  if (recorded?.failure) throw errorFromFailure(recorded.failure);
  if (recorded?.outcome) return judge(verdictOf(recorded.outcome), request);
  refuseStopped(session);
  const askedAt = recorded?.asked_at ?? parts.now();
  const expiresAt = askedAt + request.expiresMs;
  const hold = new Hold(session, step);
  const change = { question: JSON.stringify(questionOf(parts, request, expiresAt)), asked_at: askedAt };
  const intent = {
    attempt: 1,
    command_id: null,
    intent_at: askedAt,
    remote: null,
    kind: 'repeatable',
  } as const;
  await session.write(
    [
      ...(recorded ? [] : [{ op: 'intent' as const, step: { ...step, ...intent } }]),
      { op: 'question', ...step, change },
    ],
    { durable: true },
  );
  hold.show(`a person has to approve ${key}`);
  try {
    const verdict = await answered(parts, session, key, expiresAt);
    hold.show(undefined);
    const approval = judge(verdict, request);
    session.note({
      op: 'step',
      ...step,
      change: { state: 'succeeded', question: null, ended_at: parts.now() },
    });
    return approval;
  } catch (error) {
    session.assertHeld();
    hold.show(undefined);
    const known = session.stopReason ? stopError(session) : (error as FlotillaError);
    if (session.stopReason) session.cutShort = true;
    const failure = failureJson(known, parts.redactor, parts.now());
    const state = session.stopReason ? 'cancelled' : 'failed';
    const end = { state, failure, question: null, outcome: null, ended_at: parts.now() } as const;
    session.note({ op: 'step', ...step, change: end });
    throw known;
  }
}

function questionOf({ redactor }: ExecutorParts, request: ApprovalRequest, expiresAt: number): Question {
  const prompt = redactor?.text(request.prompt) ?? request.prompt;
  return { prompt, secret: false, number: 1, approval: { digest: request.digest, expiresAt } };
}

const verdictOf = (outcome: string): Verdict => (JSON.parse(outcome) as { value: Verdict }).value;

function judge(verdict: Verdict, { digest }: ApprovalRequest): Approval {
  const { approved, by, at } = verdict;
  if (!approved) throw new FlotillaError('DENIED', `${by} refused it.`, { details: { by, at } });
  if (verdict.digest === digest) return { by, at };
  throw new FlotillaError('CONFLICT', 'What was approved is not what would be done now.', {
    details: { by, at },
  });
}

/** Resolves when some process has recorded the answer. TIMEOUT. */
async function answered(
  parts: ExecutorParts,
  session: RunSession,
  key: string,
  expiresAt: number,
): Promise<Verdict> {
  const { ledger } = parts;
  if (!ledger.outcome)
    throw new FlotillaError('UNSUPPORTED', 'A run on another machine cannot ask a person.');
  for (;;) {
    const outcome = ledger.outcome(session.id, key, '');
    if (outcome !== undefined) return verdictOf(outcome);
    if (session.signal.aborted) throw stopError(session);
    const left = expiresAt - parts.now();
    if (left <= 0) throw new FlotillaError('TIMEOUT', 'Nobody approved it in time.');
    await news(parts, session, left);
  }
}

function news(parts: ExecutorParts, session: RunSession, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
    timer.unref();
    const off = parts.changes.on(session.id, (kind) => {
      if (kind === 'stored') done();
    });
    session.signal.addEventListener('abort', done, { once: true });
    if (session.signal.aborted) done();
    function done(): void {
      clearTimeout(timer);
      off?.();
      session.signal.removeEventListener('abort', done);
      resolve();
    }
  });
}
