import type { Question, RunView, StepView } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import { parseFailure } from '../failures.ts';
import { type StepRow, stepHeadsOf } from '../steps/step-rows.ts';
import { blockedBy } from './locks.ts';
import type { RunRow } from './run-rows.ts';
import type { RunSession } from './session.ts';

/** A run in lists. */
export type RunSummary = Omit<RunView, 'steps' | 'tail' | 'output'>;

/** Why nobody gets on with a run of a lane, when its row does not say it. */
export type WhyQueued = (run: { lane: string; aliases: readonly string[] }) => string | undefined;

export function toSummary(sql: Sql, row: RunRow, session?: RunSession, why?: WhyQueued): RunSummary {
  const progress = session?.progress ?? (row.progress ? JSON.parse(row.progress) : undefined);
  const waitingFor = reason(sql, row, session, why);
  return {
    id: row.id,
    tool: row.tool,
    lane: row.lane,
    state: row.state,
    summary: row.summary,
    principal: row.principal,
    aliases: JSON.parse(row.aliases) as string[],
    createdAt: row.created_at,
    ...(row.started_at !== null && { startedAt: row.started_at }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(progress && { progress }),
    ...(waitingFor && { waitingFor }),
    ...(row.is_error !== null && { isError: row.is_error === 1 }),
    ...(row.failure && { failure: parseFailure(row.failure) }),
    ...(row.retry_of && { retryOf: row.retry_of }),
  };
}

export function toView(sql: Sql, row: RunRow, session?: RunSession, why?: WhyQueued): RunView {
  return {
    ...toSummary(sql, row, session, why),
    steps: stepHeadsOf(sql, row.id).map(toStepView),
    ...(row.output && { output: JSON.parse(row.output) as Record<string, unknown> }),
    tail: session && row.open ? session.tail.text : row.tail,
  };
}

function reason(
  sql: Sql,
  row: RunRow,
  session: RunSession | undefined,
  why: WhyQueued | undefined,
): string | undefined {
  if (!row.open) return row.note ?? undefined;
  if (session) return session.waitingFor;
  const lock = row.state === 'queued' ? blockedBy(sql, row.id) : undefined;
  if (lock) return `waiting for lock ${lock.key} held by ${lock.holder}`;
  return row.waiting_for ?? why?.({ lane: row.lane, aliases: JSON.parse(row.aliases) as string[] });
}

function toStepView(row: StepRow): StepView {
  return {
    key: row.key,
    ...(row.alias !== '' && { alias: row.alias }),
    kind: row.kind,
    state: row.state,
    attempt: row.attempt,
    ...(row.outcome && row.kind === 'command' && { exitCode: row.exit_code, signal: row.signal }),
    startedAt: row.intent_at,
    ...(row.acked === 1 && { confirmed: true }),
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.question && { question: JSON.parse(row.question) as Question }),
    ...(row.failure && { failure: parseFailure(row.failure) }),
    ...(row.note && { note: row.note }),
  };
}
