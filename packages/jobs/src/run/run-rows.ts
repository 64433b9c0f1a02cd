import type { RunState } from '@flotilla/core';
import type { Sql } from '@flotilla/store';

export interface RunRow {
  seq: number;
  id: string;
  lane: string;
  tool: string;
  state: RunState;
  open: number;
  summary: string;
  principal: string;
  caller: string;
  aliases: string;
  args: string;
  locks: string | null;
  digest: string;
  idempotency_key: string | null;
  retry_of: string | null;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  epoch: number;
  fence: number;
  cancel: string | null;
  waiting_for: string | null;
  progress: string | null;
  output: string | null;
  is_error: number | null;
  failure: string | null;
  tail: string;
  note: string | null;
}

export type NewRun = Pick<
  RunRow,
  | 'id'
  | 'lane'
  | 'tool'
  | 'summary'
  | 'principal'
  | 'caller'
  | 'aliases'
  | 'args'
  | 'locks'
  | 'digest'
  | 'idempotency_key'
  | 'retry_of'
  | 'created_at'
>;

export function insertRun(sql: Sql, run: NewRun): number {
  return sql.run(
    `INSERT INTO job_run (id, lane, tool, state, open, summary, principal, caller, aliases, args, locks, digest,
       idempotency_key, retry_of, created_at)
     VALUES (:id, :lane, :tool, 'queued', 1, :summary, :principal, :caller, :aliases, :args, :locks, :digest,
       :idempotency_key, :retry_of, :created_at)`,
    { ...run },
  ).lastRowid;
}

export const findRun = (sql: Sql, id: string): RunRow | undefined =>
  sql.get<RunRow>('SELECT * FROM job_run WHERE id = ?', [id]);

export const runState = (sql: Sql, id: string): RunState | undefined =>
  sql.get<{ state: RunState }>('SELECT state FROM job_run WHERE id = ?', [id])?.state;

export const countOpen = (sql: Sql): number =>
  sql.get<{ n: number }>('SELECT count(*) AS n FROM job_run WHERE open = 1')?.n ?? 0;

export const findInFlight = (sql: Sql, digest: string): { id: string } | undefined =>
  sql.get<{ id: string }>('SELECT id FROM job_run WHERE open = 1 AND digest = ? LIMIT 1', [digest]);

export const findByKey = (
  sql: Sql,
  principal: string,
  key: string,
): { id: string; digest: string } | undefined =>
  sql.get<{ id: string; digest: string }>(
    'SELECT id, digest FROM job_run WHERE principal = ? AND idempotency_key = ? ORDER BY seq DESC LIMIT 1',
    [principal, key],
  );

/** The right to write a run's rows, won by the newest delivery of its present ticket. */
export function claimRun(sql: Sql, id: string, epoch: number, fence: number, now: number): boolean {
  const { changes } = sql.run(
    `UPDATE job_run SET fence = :fence, waiting_for = NULL, started_at = coalesce(started_at, :now),
       state = CASE WHEN cancel IS NULL THEN 'running' ELSE 'cancelling' END
     WHERE id = :id AND open = 1 AND epoch = :epoch AND fence < :fence`,
    { id, epoch, fence, now },
  );
  return changes === 1;
}

export const holdsFence = (sql: Sql, id: string, fence: number): boolean =>
  sql.get('SELECT 1 FROM job_run WHERE id = ? AND fence = ? AND open = 1', [id, fence]) !== undefined;

export interface RunEnd {
  state: RunState;
  endedAt: number;
  output?: string | undefined;
  isError?: boolean | undefined;
  failure?: string | undefined;
  tail: string;
  note?: string | undefined;
  progress?: string | undefined;
}

export function endRun(sql: Sql, id: string, end: RunEnd): void {
  sql.run(
    `UPDATE job_run SET state = :state, open = 0, ended_at = :endedAt, output = :output, is_error = :isError,
       failure = :failure, tail = :tail, note = coalesce(:note, note), progress = coalesce(:progress, progress),
       waiting_for = NULL
     WHERE id = :id`,
    {
      id,
      state: end.state,
      endedAt: end.endedAt,
      output: end.output ?? null,
      isError: end.isError === undefined ? null : Number(end.isError),
      failure: end.failure ?? null,
      tail: end.tail,
      note: end.note ?? null,
      progress: end.progress ?? null,
    },
  );
}

/** Progress of a run under way, for readers in other processes. */
export function updateLive(
  sql: Sql,
  id: string,
  live: { progress: string | null; waitingFor: string | null; tail: string },
): void {
  sql.run(
    `UPDATE job_run SET progress = :progress, waiting_for = :waitingFor, tail = :tail
     WHERE id = :id AND open = 1`,
    { id, ...live },
  );
}

/** A run waits while one of its steps does. */
export function refreshWaiting(sql: Sql, id: string): void {
  sql.run(
    `UPDATE job_run SET state = CASE
       WHEN EXISTS (SELECT 1 FROM job_step WHERE run = :id AND state = 'waiting') THEN 'waiting' ELSE 'running' END
     WHERE id = :id AND open = 1 AND cancel IS NULL AND state IN ('running', 'waiting')`,
    { id },
  );
}

/** It takes back what it did; a cancel that was asked for shows instead. */
export function markCompensating(sql: Sql, id: string): void {
  sql.run("UPDATE job_run SET state = 'compensating' WHERE id = ? AND open = 1 AND cancel IS NULL", [id]);
}
