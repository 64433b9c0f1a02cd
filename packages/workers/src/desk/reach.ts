import type { StateFile } from '@flotilla/core';

export interface ReachedHost {
  alias: string;
  /** Only workers with all of these labels reach it. */
  labels: string[];
}

/** Hosts that the hub's own machine does not reach, and the labels of the workers that do. Set by people only. */
export interface Reach {
  labelsOf(alias: string): string[];
  list(): ReachedHost[];
  /** Without labels: anybody reaches it. */
  set(alias: string, labels: readonly string[]): Promise<void>;
}

export function reachOf(store: StateFile): Reach {
  const rows = (): { alias: string; label: string }[] =>
    store.read((sql) => sql.all('SELECT alias, label FROM worker_reach ORDER BY alias, label'));
  return {
    labelsOf: (alias) =>
      store
        .read((sql) =>
          sql.all<{ label: string }>('SELECT label FROM worker_reach WHERE alias = ? ORDER BY label', [
            alias,
          ]),
        )
        .map(({ label }) => label),
    list: () =>
      [...Map.groupBy(rows(), ({ alias }) => alias)].map(([alias, labelled]) => ({
        alias,
        labels: labelled.map(({ label }) => label),
      })),
    async set(alias, labels) {
      await store.write((sql) => {
        sql.run('DELETE FROM worker_reach WHERE alias = ?', [alias]);
        for (const label of new Set(labels))
          sql.run('INSERT INTO worker_reach (alias, label) VALUES (?, ?)', [alias, label]);
      });
    },
  };
}

/** The queue of a lane for workers with these labels. Lanes hold no dot. */
export const queueName = (lane: string, labels: readonly string[]): string =>
  [lane, ...[...new Set(labels)].sort()].join('.');

/** The queues that a worker of a lane takes: one for each set of labels that it has all of. */
export function queuesOf(lane: string, labels: readonly string[]): string[] {
  const sets: string[][] = [[]];
  for (const label of [...new Set(labels)].sort()) sets.push(...sets.map((set) => [...set, label]));
  return sets.map((set) => queueName(lane, set));
}
