import type { Sql } from '@flotilla/store';
import type { Settlement, Ticket, TicketCounts, TicketInfo } from './port.ts';

interface TicketRow {
  seq: number;
  id: string;
  lane: string;
  priority: number;
  not_before: number;
  holder: string | null;
  fence: number;
  cancel: number;
}

export interface Claimed {
  ticket: Ticket;
  fence: number;
  cancelled: boolean;
}

const toTicket = (row: TicketRow): Ticket => ({
  id: row.id,
  lane: row.lane,
  priority: row.priority,
  notBefore: row.not_before,
});

/** False when the id is there already. With `holder` the ticket is born held, with fence 1. */
export function insertTicket(sql: Sql, ticket: Ticket, holder?: string): boolean {
  const { changes } = sql.run(
    `INSERT INTO job_ticket (id, lane, priority, not_before, holder, fence) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO NOTHING`,
    [ticket.id, ticket.lane, ticket.priority ?? 0, ticket.notBefore ?? 0, holder ?? null, holder ? 1 : 0],
  );
  return changes === 1;
}

const WAITING = 'holder IS NULL AND lane = :lane AND not_before <= :now';

const ANY_WAITING = `EXISTS (SELECT 1 FROM job_ticket WHERE ${WAITING})`;
const PAUSED = 'EXISTS (SELECT 1 FROM job_lane_pause WHERE lane = :lane)';

/** May a new ticket be taken before it is stored: nobody waits in front of it, and the lane is not paused? */
export const isClear = (sql: Sql, lane: string, now: number): boolean =>
  sql.get(`SELECT 1 WHERE ${ANY_WAITING} OR ${PAUSED}`, { lane, now }) === undefined;

/** Is there a ticket to claim, and when will the next delayed one be due (epoch milliseconds)? */
export function lookAtLane(sql: Sql, lane: string, now: number): { claimable: boolean; due?: number } {
  // Without the second aggregate SQLite sorts for the first, and prepares the statement anew each time for that.
  const row = sql.get<{ claimable: number; due: number | null }>(
    `SELECT ${ANY_WAITING} AND NOT ${PAUSED} AS claimable, min(not_before) AS due, count(*) AS waiting
     FROM job_ticket WHERE holder IS NULL AND lane = :lane AND not_before > :now`,
    { lane, now },
  );
  return { claimable: row?.claimable === 1, ...(row?.due != null && { due: row.due }) };
}

export interface Claim {
  lane: string;
  now: number;
  limit: number;
  holder: string;
  /** Ids that this consumer leaves to others. */
  avoid: readonly string[];
}

export function claimTickets(sql: Sql, { lane, now, limit, holder, avoid }: Claim): Claimed[] {
  const others = avoid.length > 0 ? 'AND id NOT IN (SELECT value FROM json_each(:avoid))' : '';
  const rows = sql.all<TicketRow>(
    `SELECT * FROM job_ticket WHERE ${WAITING} ${others} ORDER BY priority DESC, seq LIMIT :limit`,
    { lane, now, limit, ...(avoid.length > 0 && { avoid: JSON.stringify(avoid) }) },
  );
  for (const row of rows) {
    sql.run('UPDATE job_ticket SET holder = ?, fence = fence + 1 WHERE seq = ?', [holder, row.seq]);
  }
  return rows.map((row) => ({ ticket: toTicket(row), fence: row.fence + 1, cancelled: row.cancel === 1 }));
}

/** Fences and cancel marks of what a process holds, by ticket id. */
export function heldBy(sql: Sql, holder: string): Map<string, { fence: number; cancelled: boolean }> {
  const rows = sql.all<TicketRow>('SELECT * FROM job_ticket WHERE holder = ?', [holder]);
  return new Map(rows.map((row) => [row.id, { fence: row.fence, cancelled: row.cancel === 1 }]));
}

export function settleTicket(sql: Sql, id: string, holder: string, fence: number, end: Settlement): boolean {
  const { changes } =
    end === 'done'
      ? sql.run('DELETE FROM job_ticket WHERE id = ? AND holder = ? AND fence = ?', [id, holder, fence])
      : sql.run(
          'UPDATE job_ticket SET holder = NULL, not_before = ? WHERE id = ? AND holder = ? AND fence = ?',
          [end === 'elsewhere' ? 0 : end.requeueAt, id, holder, fence],
        );
  return changes === 1;
}

export function withdrawTicket(sql: Sql, id: string): 'gone' | 'held' | 'unknown' {
  if (sql.run('DELETE FROM job_ticket WHERE id = ? AND holder IS NULL', [id]).changes) return 'gone';
  return sql.get('SELECT 1 FROM job_ticket WHERE id = ?', [id]) ? 'held' : 'unknown';
}

export const markCancelled = (sql: Sql, id: string): boolean =>
  sql.run('UPDATE job_ticket SET cancel = 1 WHERE id = ?', [id]).changes === 1;

export function ticketInfo(sql: Sql, id: string, now: number): TicketInfo | undefined {
  const row = sql.get<TicketRow>('SELECT * FROM job_ticket WHERE id = ?', [id]);
  if (!row) return undefined;
  const waiting = row.not_before > now ? 'delayed' : 'waiting';
  return {
    ticket: toTicket(row),
    state: row.holder ? 'held' : waiting,
    fence: row.fence,
    ...(row.holder && { holder: row.holder }),
    cancelRequested: row.cancel === 1,
  };
}

export function countTickets(sql: Sql, now: number, lane?: string): TicketCounts {
  const counts = sql.get<TicketCounts>(
    `SELECT count(*) FILTER (WHERE holder IS NOT NULL) AS held,
            count(*) FILTER (WHERE holder IS NULL AND not_before <= :now) AS waiting,
            count(*) FILTER (WHERE holder IS NULL AND not_before > :now) AS "delayed"
     FROM job_ticket WHERE :lane IS NULL OR lane = :lane`,
    { now, lane: lane ?? null },
  );
  return counts ?? { held: 0, waiting: 0, delayed: 0 };
}

/** Those ids of which there is no ticket. */
export const missingTickets = (sql: Sql, ids: readonly string[]): string[] =>
  sql
    .all<{ id: string }>(
      'SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT id FROM job_ticket)',
      [JSON.stringify(ids)],
    )
    .map((row) => row.id);

export const isPaused = (sql: Sql, lane: string): boolean =>
  sql.get('SELECT 1 FROM job_lane_pause WHERE lane = ?', [lane]) !== undefined;

export function setPaused(sql: Sql, lane: string, paused: boolean): void {
  if (paused) sql.run('INSERT OR IGNORE INTO job_lane_pause (lane) VALUES (?)', [lane]);
  else sql.run('DELETE FROM job_lane_pause WHERE lane = ?', [lane]);
}
