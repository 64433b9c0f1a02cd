import { FlotillaError, type StateFile } from '@flotilla/core';
import { type FiringRow, firingOf } from './rows.ts';
import type { Ending, Firing } from './types.ts';

export interface FiringStore {
  /** NOT_FOUND: its schedule was removed. */
  get(id: number): Firing;
  /** All that have not ended, the oldest first. */
  open(): Firing[];
  /** Newest first; with skipped ones unless `called`. */
  of(schedule: string, limit: number): Firing[];
  lastOf(schedule: string): Firing | undefined;
  /** What is called, sealed; undefined once that is known to have happened. */
  call(id: number): string | undefined;
  /** The call became a run. */
  recordRun(id: number, runId: string): Promise<void>;
  /** With `caller`: only when the call is still that process's. */
  end(id: number, ending: Ending, caller?: string): Promise<void>;
  /** Begins what waited, when nothing of its schedule is under way any more; false when it is not so. */
  begin(id: number, caller: string): Promise<boolean>;
  /** Takes a call over from a process that is gone; false when another one did. */
  takeOver(id: number, from: string | undefined, caller: string): Promise<boolean>;
  /** Says that the process which makes this call is alive. */
  beat(id: number, caller: string): Promise<void>;
}

export function firingStore(state: StateFile): FiringStore {
  const all = (rest: string, params: readonly (string | number)[]): Firing[] =>
    state.read((sql) => sql.all<FiringRow>(`SELECT * FROM schedule_firing ${rest}`, params).map(firingOf));
  const changed = (text: string, params: readonly (string | number | null)[]): Promise<boolean> =>
    state.write((sql) => sql.run(text, params).changes === 1);
  return {
    get(id) {
      const [found] = all('WHERE id = ?', [id]);
      if (found) return found;
      throw new FlotillaError('NOT_FOUND', 'The schedule was removed meanwhile.');
    },
    open: () => all('WHERE open = 1 ORDER BY id', []),
    of: (schedule, limit) => all('WHERE schedule = ? ORDER BY id DESC LIMIT ?', [schedule, limit]),
    lastOf: (schedule) => all('WHERE schedule = ? ORDER BY id DESC LIMIT 1', [schedule])[0],
    call: (id) =>
      state.read(
        (sql) =>
          sql.get<{ call: string | null }>('SELECT call FROM schedule_firing WHERE id = ?', [id])?.call ??
          undefined,
      ),
    recordRun: async (id, runId) => {
      await changed(
        "UPDATE schedule_firing SET state = 'running', run_id = ?, call = NULL WHERE id = ? AND state = 'calling'",
        [runId, id],
      );
    },
    end: (id, { state: to, reason, failure, output }, caller) =>
      state.write((sql) => {
        const { changes } = sql.run(
          `UPDATE schedule_firing SET state = ?, open = 0, call = NULL, ended_at = ?, reason = ?, failure = ?, output = ?
           WHERE id = ? AND (open = 1 OR state = 'interrupted') AND (? IS NULL OR caller = ?)`,
          [
            ...[to, Date.now(), reason ?? null, failure ? JSON.stringify(failure) : null, output ?? null],
            ...[id, caller ?? null, caller ?? null],
          ],
        );
        if (changes === 0 || to === 'cancelled' || to === 'unknown') return;
        sql.run(
          `UPDATE schedule SET failures = CASE WHEN ? THEN 0 ELSE failures + 1 END
           WHERE id = (SELECT schedule FROM schedule_firing WHERE id = ? AND kind = 'time')`,
          [Number(to === 'succeeded'), id],
        );
      }),
    begin: (id, caller) =>
      changed(
        `UPDATE schedule_firing AS mine SET state = 'calling', caller = ?, started_at = ?,
           call = (SELECT call FROM schedule WHERE id = mine.schedule)
         WHERE id = ? AND state = 'queued' AND NOT EXISTS
           (SELECT 1 FROM schedule_firing WHERE schedule = mine.schedule AND state IN ('calling', 'running'))`,
        [caller, Date.now(), id],
      ),
    takeOver: (id, from, caller) =>
      changed(
        "UPDATE schedule_firing SET caller = ?, beat = beat + 1 WHERE id = ? AND state = 'calling' AND caller IS ?",
        [caller, id, from ?? null],
      ),
    beat: async (id, caller) => {
      await state.write(
        (sql) =>
          sql.run(
            "UPDATE schedule_firing SET beat = beat + 1 WHERE id = ? AND caller = ? AND state = 'calling'",
            [id, caller],
          ),
        { durable: false },
      );
    },
  };
}
