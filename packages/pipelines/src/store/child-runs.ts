import type { StateFile } from '@flotilla/core';

export interface ChildRun {
  /** Key of the engine's step. */
  step: string;
  runId: string;
  /** UTC epoch milliseconds. */
  startedAt: number;
}

/** Which runs the steps of a pipeline became. */
export interface ChildRuns {
  /** The first word on a step counts. */
  add(run: string, step: string, child: string, now: number): Promise<ChildRun>;
  of(run: string): ChildRun[];
}

const SELECT = 'SELECT step, child AS runId, started_at AS startedAt FROM pipeline_child WHERE run = ?';
/** Rows of runs that history has long forgotten. */
const KEEP_MS = 40 * 24 * 3600_000;

export function childRuns(state: StateFile): ChildRuns {
  return {
    add: (run, step, child, now) =>
      state.write((sql) => {
        sql.run('DELETE FROM pipeline_child WHERE started_at < ?', [now - KEEP_MS]);
        sql.run('INSERT INTO pipeline_child VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', [
          run,
          step,
          child,
          now,
        ]);
        return sql.get<ChildRun>(`${SELECT} AND step = ?`, [run, step]) as ChildRun;
      }),
    of: (run) => state.read((sql) => sql.all<ChildRun>(`${SELECT} ORDER BY started_at`, [run])),
  };
}
