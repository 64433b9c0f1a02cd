import type { StateFile } from '@flotilla/core';

export interface SeenWorker {
  id: string;
  /** Name of its token. */
  token: string;
  lanes: string[];
  labels: string[];
  /** Why it cannot take runs. */
  queueTrouble?: string;
  /** UTC epoch milliseconds. */
  seenAt: number;
}

/** A worker that was silent for longer is not counted on. */
export const PRESENT_MS = 45_000;
const FORGOTTEN_MS = 24 * 3600_000;

interface Row {
  id: string;
  token: string;
  lanes: string;
  labels: string;
  queue_trouble: string | null;
  seen_at: number;
}

/** Which workers are there, in the state file: every process of the data folder may say why a run waits. */
export interface Presence {
  seen(worker: Omit<SeenWorker, 'seenAt'>): Promise<void>;
  left(id: string): Promise<void>;
  list(): SeenWorker[];
  /** Is a worker of this lane there? */
  has(lane: string, labels?: readonly string[]): boolean;
}

export function presence(store: StateFile, now: () => number = Date.now): Presence {
  const list = (): SeenWorker[] =>
    store
      .read((sql) =>
        sql.all<Row>('SELECT * FROM worker_seen WHERE seen_at > ? ORDER BY id', [now() - PRESENT_MS]),
      )
      .map(({ id, token, lanes, labels, queue_trouble, seen_at }) => ({
        id,
        token,
        lanes: JSON.parse(lanes) as string[],
        labels: JSON.parse(labels) as string[],
        ...(queue_trouble !== null && { queueTrouble: queue_trouble }),
        seenAt: seen_at,
      }));
  return {
    async seen({ id, token, lanes, labels, queueTrouble }) {
      await store.write(
        (sql) => {
          sql.run('DELETE FROM worker_seen WHERE seen_at < ?', [now() - FORGOTTEN_MS]);
          sql.run(
            'INSERT OR REPLACE INTO worker_seen (id, token, lanes, labels, queue_trouble, seen_at) VALUES (?, ?, ?, ?, ?, ?)',
            [id, token, JSON.stringify(lanes), JSON.stringify(labels), queueTrouble ?? null, now()],
          );
        },
        { durable: false },
      );
    },
    async left(id) {
      await store.write((sql) => sql.run('DELETE FROM worker_seen WHERE id = ?', [id]), { durable: false });
    },
    list,
    has: (lane, labels = []) =>
      list().some(
        (worker) => worker.lanes.includes(lane) && labels.every((label) => worker.labels.includes(label)),
      ),
  };
}
