import type { SqlValue } from '@flotilla/core';
import { OPEN_STATES, type RunState } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import type { RunRow } from './run-rows.ts';

export interface RunQuery {
  states?: readonly RunState[];
  alias?: string;
  tool?: string;
  /** Part of the summary, tool or id; case-insensitive. */
  text?: string;
  /** Created at or after, epoch milliseconds. */
  since?: number;
  /** Default 100. */
  limit?: number;
  offset?: number;
}

export interface RowPage {
  rows: RunRow[];
  total: number;
}

const MAX_LIMIT = 1_000;

/** Open runs, first come first. */
export const openRuns = (sql: Sql, query: RunQuery): RowPage =>
  find(sql, { states: OPEN_STATES, ...query }, 'seq ASC');

/** Ended runs, newest first. */
export function endedRuns(sql: Sql, query: RunQuery): RowPage {
  return find(sql, query, 'ended_at DESC, seq DESC', 'open = 0');
}

function find(sql: Sql, query: RunQuery, order: string, only = '1 = 1'): RowPage {
  const conditions = [only];
  const params: Record<string, SqlValue> = {};
  const add = (condition: string, values: Record<string, SqlValue>): void => {
    conditions.push(condition);
    Object.assign(params, values);
  };
  if (query.states)
    add('state IN (SELECT value FROM json_each(:states))', { states: JSON.stringify(query.states) });
  if (query.alias !== undefined) {
    add('EXISTS (SELECT 1 FROM json_each(aliases) WHERE value = :alias)', { alias: query.alias });
  }
  if (query.tool !== undefined) add('tool = :tool', { tool: query.tool });
  if (query.since !== undefined) add('created_at >= :since', { since: query.since });
  if (query.text) {
    const text = `%${query.text.replace(/[\\%_]/g, '\\$&')}%`;
    add("(summary LIKE :text ESCAPE '\\' OR tool LIKE :text ESCAPE '\\' OR id LIKE :text ESCAPE '\\')", {
      text,
    });
  }
  const where = `FROM job_run WHERE ${conditions.join(' AND ')}`;
  const total = sql.get<{ n: number }>(`SELECT count(*) AS n ${where}`, params)?.n ?? 0;
  const limit = Math.min(Math.max(0, query.limit ?? 100), MAX_LIMIT);
  const offset = Math.max(0, query.offset ?? 0);
  const rows = sql.all<RunRow>(`SELECT * ${where} ORDER BY ${order} LIMIT :limit OFFSET :offset`, {
    ...params,
    limit,
    offset,
  });
  return { rows, total };
}
