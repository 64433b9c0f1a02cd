import { FlotillaError, listed, nearest, type StateFile } from '@flotilla/core';
import { CheckDefinition } from './definition.ts';
import type { Change } from './uptime.ts';
import { type CheckStatus, VantageResult, type Verdict } from './verdict.ts';

/** Results that are kept of each check. */
const KEEP_RESULTS = 200;
/** Changes are kept for so long, with the last one before. */
const KEEP_CHANGES_MS = 400 * 86_400_000;

export interface StoredResult extends Verdict {
  name: string;
  at: number;
  vantages: VantageResult[];
}

/** A change of state of a check. `id` grows: whoever reacts to changes remembers the last one it has seen. */
export interface StoredChange extends Change {
  id: number;
  name: string;
  reason?: string;
}

export interface CheckStore {
  list(): CheckDefinition[];
  /** NOT_FOUND names the nearest. */
  get(name: string): CheckDefinition;
  save(definition: CheckDefinition): Promise<{ created: boolean }>;
  remove(name: string): Promise<void>;
  /** Newest first. */
  results(name: string, limit: number): StoredResult[];
  /** In order of time, from the last one before `sinceMs` on. */
  changes(name: string, sinceMs: number): StoredChange[];
  /** Changes of all checks after the one with this id, in order. */
  changesAfter(id: number, limit?: number): StoredChange[];
  /** Keeps a result, and the change when there is one; true when the state changed. Nothing for a check that is gone. */
  record(result: StoredResult, intervalMs: number): Promise<boolean>;
}

interface ResultRow {
  name: string;
  at: number;
  status: CheckStatus;
  ms: number | null;
  reason: string | null;
  vantages: string;
}
interface ChangeRow {
  id: number;
  name: string;
  at: number;
  status: CheckStatus;
  reason: string | null;
}

export const checkStore = (state: StateFile): CheckStore => ({
  list: () => names(state).map(({ definition }) => parse(definition)),
  get(name) {
    const row = state.read((sql) =>
      sql.get<{ definition: string }>('SELECT definition FROM monitoring_check WHERE name = ?', [name]),
    );
    if (row) return parse(row.definition);
    const known = names(state).map((one) => one.name);
    throw new FlotillaError('NOT_FOUND', `There is no check ${JSON.stringify(name)}.`, {
      details: { name, nearest: nearest(name, known) },
      hint: `Known: ${listed(known)}. Add one with check_add.`,
    });
  },
  save: (definition) =>
    state.write((sql) => {
      const now = Date.now();
      const known = sql.get('SELECT 1 FROM monitoring_check WHERE name = ?', [definition.name]) !== undefined;
      sql.run(
        `INSERT INTO monitoring_check VALUES (?, ?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, updated_at = excluded.updated_at`,
        [definition.name, JSON.stringify(definition), now, now],
      );
      return { created: !known };
    }),
  remove: async (name) => {
    await state.write((sql) => sql.run('DELETE FROM monitoring_check WHERE name = ?', [name]));
  },
  results: (name, limit) =>
    state.read((sql) =>
      sql
        .all<ResultRow>('SELECT * FROM monitoring_check_result WHERE name = ? ORDER BY at DESC LIMIT ?', [
          name,
          limit,
        ])
        .map(resultOf),
    ),
  changes: (name, sinceMs) =>
    state.read((sql) =>
      sql
        .all<ChangeRow>(
          `SELECT * FROM monitoring_check_change WHERE name = ? AND at >=
             coalesce((SELECT max(at) FROM monitoring_check_change WHERE name = ? AND at <= ?), 0) ORDER BY id LIMIT 10000`,
          [name, name, sinceMs],
        )
        .map(changeOf),
    ),
  changesAfter: (id, limit = 500) =>
    state.read((sql) =>
      sql
        .all<ChangeRow>('SELECT * FROM monitoring_check_change WHERE id > ? ORDER BY id LIMIT ?', [id, limit])
        .map(changeOf),
    ),
  record: (result, intervalMs) => state.write((sql) => record(sql, result, intervalMs), { durable: false }),
});

type Sql = Parameters<Parameters<StateFile['write']>[0]>[0];

const names = (state: StateFile): { name: string; definition: string }[] =>
  state.read((sql) =>
    sql.all<{ name: string; definition: string }>(
      'SELECT name, definition FROM monitoring_check ORDER BY name LIMIT 2000',
    ),
  );

const parse = (definition: string): CheckDefinition => CheckDefinition.parse(JSON.parse(definition));

/** Two processes of one machine have one clock. */
const MAX_CLOCK_AHEAD_MS = 60_000;

function record(sql: Sql, result: StoredResult, intervalMs: number): boolean {
  const { name, at, status, ms, reason, vantages } = result;
  if (!sql.get('SELECT 1 FROM monitoring_check WHERE name = ?', [name])) return false;
  const before = sql.get<ResultRow>(
    'SELECT * FROM monitoring_check_result WHERE name = ? ORDER BY at DESC LIMIT 1',
    [name],
  );
  // What a frozen process writes late does not count; what lies in the future was written by a clock that was wrong.
  if (before && before.at >= at) {
    if (before.at <= Date.now() + MAX_CLOCK_AHEAD_MS) return false;
    for (const table of ['result', 'change'])
      sql.run(`DELETE FROM monitoring_check_${table} WHERE name = ? AND at >= ?`, [name, at]);
    return record(sql, result, intervalMs);
  }
  const change = (time: number, to: CheckStatus, why: string | null): void => {
    sql.run('INSERT INTO monitoring_check_change (name, at, status, reason) VALUES (?, ?, ?, ?)', [
      name,
      time,
      to,
      why,
    ]);
  };
  // Nobody looked for a while: that time was neither up nor down.
  const gap = before !== undefined && at - before.at > Math.max(3 * intervalMs, 180_000);
  if (gap && before.status !== 'unknown') change(before.at + intervalMs, 'unknown', 'nobody looked');
  const last = gap ? 'unknown' : before?.status;
  const changed = last !== status;
  if (changed) change(at, status, reason ?? null);
  sql.run('INSERT INTO monitoring_check_result VALUES (?, ?, ?, ?, ?, ?)', [
    ...[name, at, status, ms ?? null, reason ?? null],
    JSON.stringify(vantages),
  ]);
  sql.run(
    `DELETE FROM monitoring_check_result WHERE name = ? AND at <
       (SELECT at FROM monitoring_check_result WHERE name = ? ORDER BY at DESC LIMIT 1 OFFSET ?)`,
    [name, name, KEEP_RESULTS - 1],
  );
  if (changed)
    sql.run('DELETE FROM monitoring_check_change WHERE name = ? AND at < ?', [name, at - KEEP_CHANGES_MS]);
  return changed;
}

const resultOf = ({ name, at, status, ms, reason, vantages }: ResultRow): StoredResult => ({
  name,
  at,
  status,
  ...(ms !== null && { ms }),
  ...(reason !== null && { reason }),
  vantages: VantageResult.array().parse(JSON.parse(vantages)),
});

const changeOf = ({ id, name, at, status, reason }: ChangeRow): StoredChange => ({
  id,
  name,
  at,
  status,
  ...(reason !== null && { reason }),
});
