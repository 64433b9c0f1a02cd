import type { StateStore } from '@flotilla/store';
import { append, type Head } from './chain.ts';

const BATCH = 500;

/**
 * Removes rows older than `before` (UTC epoch milliseconds), the newest one never, in short transactions. Each leaves a
 * checkpoint row that vouches for the place where the chain begins now. Returns the number of removed rows.
 */
export async function pruneRows(
  store: StateStore,
  key: Uint8Array,
  before: number,
  now: () => number,
): Promise<number> {
  for (let removed = 0; ; ) {
    const count = await store.write((sql) => {
      const due = sql.all<Head & { time: number }>(
        'SELECT seq, hash, time FROM audit WHERE seq < (SELECT max(seq) FROM audit) ORDER BY seq LIMIT ?',
        [BATCH],
      );
      const keepFrom = due.findIndex((row) => row.time >= before);
      const old = keepFrom === -1 ? due : due.slice(0, keepFrom);
      const last = old.at(-1);
      if (!last) return 0;
      append(sql, key, [
        {
          time: now(),
          kind: 'checkpoint',
          call: '',
          body: { seq: last.seq, hash: last.hash, removed: old.length },
        },
      ]);
      return sql.run('DELETE FROM audit WHERE seq <= ?', [last.seq]).changes;
    });
    removed += count;
    if (count < BATCH) return removed;
  }
}
