import type { StateStore } from '@flotilla/store';
import type { Peers } from './peers.ts';

const WATCH_MS = 2_000;

/**
 * Runs `work` as the only process of this state file, or not at all (undefined). A holder that dies loses
 * the lease together with everything else it held; one that only slept too long is told so by `lost`.
 * One at a time per process as well.
 */
export async function runUnderLease<T>(
  store: StateStore,
  peers: Peers,
  name: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const taken = await store.write(
    (sql) => {
      peers.announce(sql);
      sql.run('DELETE FROM job_lease WHERE name = ? AND holder NOT IN (SELECT id FROM job_peer)', [name]);
      return (
        sql.run('INSERT INTO job_lease (name, holder) VALUES (?, ?) ON CONFLICT (name) DO NOTHING', [
          name,
          peers.self.id,
        ]).changes === 1
      );
    },
    { durable: false },
  );
  if (!taken) return undefined;
  const lost = new AbortController();
  const watch = setInterval(() => {
    if (!holds(store, name, peers.self.id)) lost.abort();
  }, WATCH_MS).unref();
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(watch);
    await store.write(
      (sql) => sql.run('DELETE FROM job_lease WHERE name = ? AND holder = ?', [name, peers.self.id]),
      { durable: false },
    );
  }
}

function holds(store: StateStore, name: string, holder: string): boolean {
  return store.read(
    (sql) => sql.get('SELECT 1 FROM job_lease WHERE name = ? AND holder = ?', [name, holder]) !== undefined,
  );
}
