import type { RunState } from '@flotilla/core';
import type { Sql } from '@flotilla/store';
import type { DriverHealth } from '../driver/port.ts';

export interface RunStats {
  total: number;
  byStatus: Partial<Record<RunState, number>>;
  /** By tool. */
  byType: Record<string, number>;
  /** Milliseconds from start to end, of ended runs. */
  avgDuration: number | null;
  /** 0 to 1, of ended runs. */
  successRate: number | null;
  /** Runs that wait to be started. */
  depth: number;
  oldestWaitMs: number | null;
  driver: DriverHealth;
}

export function runStats(sql: Sql, now: number, driver: DriverHealth): RunStats {
  const states = sql.all<{ state: RunState; n: number }>(
    'SELECT state, count(*) AS n FROM job_run GROUP BY state',
  );
  const tools = sql.all<{ tool: string; n: number }>('SELECT tool, count(*) AS n FROM job_run GROUP BY tool');
  const byStatus = Object.fromEntries(states.map(({ state, n }) => [state, n])) as RunStats['byStatus'];
  const ended = sql.get<{ n: number; average: number | null }>(
    'SELECT count(*) AS n, avg(ended_at - started_at) AS average FROM job_run WHERE open = 0',
  );
  const oldest = sql.get<{ at: number | null }>(
    "SELECT min(created_at) AS at FROM job_run WHERE open = 1 AND state = 'queued'",
  )?.at;
  return {
    total: states.reduce((sum, { n }) => sum + n, 0),
    byStatus,
    byType: Object.fromEntries(tools.map(({ tool, n }) => [tool, n])),
    avgDuration: ended?.average ?? null,
    successRate: ended?.n ? (byStatus.succeeded ?? 0) / ended.n : null,
    depth: byStatus.queued ?? 0,
    oldestWaitMs: oldest == null ? null : Math.max(0, now - oldest),
    driver,
  };
}
