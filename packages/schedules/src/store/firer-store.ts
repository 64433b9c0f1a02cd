import type { StateFile } from '@flotilla/core';

/** A process that has not been heard of for so long fires no more. */
const SILENT_MS = 25_000;

export interface FirerStore {
  /** The process that fires now, as far as is known. */
  now(): { pid: number; since: number } | undefined;
  /** Every few seconds while this process fires. */
  say(pid: number, since: number): Promise<void>;
  leave(pid: number): Promise<void>;
}

/** What processes tell each other about who fires; only shown, nothing depends on it. */
export const firerStore = (state: StateFile): FirerStore => ({
  now: () => {
    const row = state.read((sql) =>
      sql.get<{ pid: number; since: number; seen_at: number }>(
        'SELECT pid, since, seen_at FROM schedule_firer',
      ),
    );
    if (!row || Math.abs(Date.now() - row.seen_at) > SILENT_MS) return undefined;
    return { pid: row.pid, since: row.since };
  },
  say: async (pid, since) => {
    await state.write(
      (sql) => sql.run('INSERT OR REPLACE INTO schedule_firer VALUES (1, ?, ?, ?)', [pid, since, Date.now()]),
      { durable: false },
    );
  },
  leave: async (pid) => {
    await state.write((sql) => sql.run('DELETE FROM schedule_firer WHERE pid = ?', [pid]), {
      durable: false,
    });
  },
});
