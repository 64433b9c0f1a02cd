import type { StateFile } from '@flotilla/core';
import type { SeenGroup } from './digest.ts';
import { ratePerHour } from './digest.ts';
import type { LogGroup } from './groups.ts';

/** Groups that did not come again for so long are forgotten. */
const FORGET_MS = 90 * 86_400_000;
const MAX_SEEN = 2000;

export interface DigestStore {
  /** When the host was last looked at, epoch milliseconds. */
  lastLook(alias: string): number | undefined;
  seen(alias: string): SeenGroup[];
  remember(
    alias: string,
    groups: readonly LogGroup[],
    look: { sinceMs: number; atMs: number },
  ): Promise<void>;
}

interface Row {
  fingerprint: string;
  level: string;
  origin: string;
  message: string;
  first_seen: number;
  last_seen: number;
  rate: number;
  present: number;
}

export const digestStore = (state: StateFile): DigestStore => ({
  lastLook: (alias) =>
    state.read((sql) =>
      sql.get<{ at: number }>('SELECT at FROM monitoring_log_look WHERE alias = ?', [alias]),
    )?.at,
  seen: (alias) =>
    state.read((sql) =>
      sql
        .all<Row>('SELECT * FROM monitoring_log_seen WHERE alias = ? LIMIT ?', [alias, MAX_SEEN])
        .map((row) => ({
          fingerprint: row.fingerprint,
          level: row.level,
          origin: row.origin,
          message: row.message,
          firstSeen: row.first_seen,
          lastSeen: row.last_seen,
          rate: row.rate,
          present: row.present === 1,
        })),
    ),
  remember: (alias, groups, { sinceMs, atMs }) =>
    state.write(
      (sql) => {
        sql.run('UPDATE monitoring_log_seen SET present = 0 WHERE alias = ? AND present = 1', [alias]);
        for (const group of groups.slice(0, MAX_SEEN)) {
          sql.run(
            `INSERT INTO monitoring_log_seen VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
             ON CONFLICT (alias, fingerprint) DO UPDATE SET last_seen = excluded.last_seen, rate = excluded.rate, present = 1`,
            [
              ...[alias, group.fingerprint, group.level, group.origin, group.message],
              ...[atMs, atMs, ratePerHour(group.count, atMs - sinceMs)],
            ],
          );
        }
        sql.run('DELETE FROM monitoring_log_seen WHERE alias = ? AND last_seen < ?', [
          alias,
          atMs - FORGET_MS,
        ]);
        sql.run(
          'INSERT INTO monitoring_log_look VALUES (?, ?, ?) ON CONFLICT (alias) DO UPDATE SET at = excluded.at, since = excluded.since',
          [alias, atMs, sinceMs],
        );
      },
      { durable: false },
    ),
});
