import type { StateStore } from '@flotilla/store';
import type { Peers } from './peers.ts';

/**
 * Runs `work` as the only process of this state file, or not at all (undefined). A holder that dies loses
 * the lease together with everything else it held. One at a time per process as well.
 */
export async function runUnderLease<T>(
  store: StateStore,
  peers: Peers,
  name: string,
  work: () => Promise<T>,
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
  try {
    return await work();
  } finally {
    await store.write(
      (sql) => sql.run('DELETE FROM job_lease WHERE name = ? AND holder = ?', [name, peers.self.id]),
      { durable: false },
    );
  }
}
