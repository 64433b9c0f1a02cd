import type { Sql } from '@flotilla/store';

/** Queues a run for its keys, in the order of submission. */
export function queueForLocks(sql: Sql, run: string, seq: number, keys: readonly string[]): void {
  for (const key of new Set(keys)) {
    sql.run('INSERT INTO job_lock (key, seq, run) VALUES (?, ?, ?)', [key, seq, run]);
  }
}

/** The first key whose queue has another run in front, and that run. A run goes when it is first for all its keys. */
export function blockedBy(sql: Sql, run: string): { key: string; holder: string } | undefined {
  return sql.get<{ key: string; holder: string }>(
    `SELECT mine.key AS key, first.run AS holder FROM job_lock mine
     JOIN job_lock first ON first.key = mine.key AND first.seq < mine.seq
     WHERE mine.run = ? ORDER BY mine.key, first.seq LIMIT 1`,
    [run],
  );
}

export const freeLocks = (sql: Sql, run: string): boolean =>
  sql.run('DELETE FROM job_lock WHERE run = ?', [run]).changes > 0;

/** Queued runs with locks that nothing blocks any more. */
export function unblockedRuns(sql: Sql): { id: string; lane: string; epoch: number }[] {
  return sql.all<{ id: string; lane: string; epoch: number }>(
    `SELECT id, lane, epoch FROM job_run
     WHERE open = 1 AND state = 'queued' AND id IN (SELECT run FROM job_lock)
       AND NOT EXISTS (
         SELECT 1 FROM job_lock mine JOIN job_lock first ON first.key = mine.key AND first.seq < mine.seq
         WHERE mine.run = job_run.id)
     ORDER BY seq`,
  );
}
