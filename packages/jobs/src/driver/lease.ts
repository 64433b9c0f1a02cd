import type { StateStore } from '@flotilla/store';
import type { Peers } from './peers.ts';

const WATCH_MS = 2_000;

interface LeaseHolder {
  store: StateStore;
  peers: Peers;
  /** Names of what this process is at. */
  atWork: Set<string>;
}

/**
 * Runs `work` as the only process of this state file, or not at all (undefined). A holder that dies loses
 * the lease together with everything else it held; one that only slept too long is told so by `lost`.
 * One at a time per process as well.
 */
export async function runUnderLease<T>(
  holder: LeaseHolder,
  name: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const { atWork } = holder;
  if (atWork.has(name)) return undefined;
  atWork.add(name);
  try {
    return (await take(holder, name)) ? await workWatched(holder, name, work) : undefined;
  } finally {
    atWork.delete(name);
  }
}

/** A row of our own is one that could not be given back, e.g. because the disk was full. */
const take = ({ store, peers }: LeaseHolder, name: string): Promise<boolean> =>
  store.write(
    (sql) => {
      peers.announce(sql);
      const { id } = peers.self;
      sql.run(
        'DELETE FROM job_lease WHERE name = ? AND (holder = ? OR holder NOT IN (SELECT id FROM job_peer))',
        [name, id],
      );
      const insert = 'INSERT INTO job_lease (name, holder) VALUES (?, ?) ON CONFLICT (name) DO NOTHING';
      return sql.run(insert, [name, id]).changes === 1;
    },
    { durable: false },
  );

async function workWatched<T>(
  { store, peers }: LeaseHolder,
  name: string,
  work: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const ours = [name, peers.self.id];
  const lost = new AbortController();
  const isOurs = (): boolean => {
    try {
      return store.read(
        (sql) => sql.get('SELECT 1 FROM job_lease WHERE name = ? AND holder = ?', ours) !== undefined,
      );
    } catch {
      return false;
    }
  };
  const watch = setInterval(() => isOurs() || lost.abort(), WATCH_MS).unref();
  try {
    return await work(lost.signal);
  } finally {
    clearInterval(watch);
    await store
      .write((sql) => sql.run('DELETE FROM job_lease WHERE name = ? AND holder = ?', ours), {
        durable: false,
      })
      .catch(() => undefined);
  }
}
