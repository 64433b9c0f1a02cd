import type Database from 'better-sqlite3';
import type { Gap, MissedSample } from '../types.ts';

/** Missed samples of one reason that follow each other within this time are one gap. */
const JOIN_MS = 10 * 60_000;

export function addGap(db: Database.Database, host: number, missed: MissedSample): void {
  const { at, reason, detail } = missed;
  const before = db
    .prepare(
      `SELECT g.from_at, g.until_at, g.reason FROM gap g WHERE g.host = ? AND g.from_at <= ?
       ORDER BY g.from_at DESC LIMIT 1`,
    )
    .get(host, at) as { from_at: number; until_at: number; reason: string } | undefined;
  if (
    before?.reason === reason &&
    at - before.until_at <= JOIN_MS &&
    !sampledSince(db, host, before.until_at)
  ) {
    db.prepare(
      'UPDATE gap SET until_at = max(until_at, ?), count = count + 1, detail = ? WHERE host = ? AND from_at = ?',
    ).run(at, detail, host, before.from_at);
    return;
  }
  db.prepare('INSERT OR REPLACE INTO gap VALUES (?, ?, ?, 1, ?, ?)').run(host, at, at, reason, detail);
}

const sampledSince = (db: Database.Database, host: number, at: number): boolean =>
  db.prepare('SELECT 1 FROM latest WHERE host = ? AND at > ?').get(host, at) !== undefined;

export function readGaps(
  db: Database.Database,
  range: { hosts?: readonly string[]; from: number; to: number },
): Gap[] {
  const wanted = range.hosts && new Set(range.hosts);
  const rows = db
    .prepare(
      `SELECT h.name AS host, g.from_at AS "from", g.until_at AS until, g.count, g.reason, g.detail
       FROM gap g JOIN host h ON h.id = g.host WHERE g.until_at >= ? AND g.from_at <= ?
       ORDER BY g.from_at DESC LIMIT 10000`,
    )
    .all(range.from, range.to) as Gap[];
  return rows.filter(({ host }) => !wanted || wanted.has(host));
}

export function pruneGaps(db: Database.Database, before: number): void {
  db.prepare('DELETE FROM gap WHERE until_at < ?').run(before);
}
