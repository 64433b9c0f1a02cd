import type { Sql, StateStore } from '@flotilla/store';

const MOST_KEPT = 4_000;

const ownChanges = new WeakMap<Sql, number>();

/** Inside every write that changes hosts, groups or secrets: what this process remembers of them is read again. */
export const noteChange = (sql: Sql): unknown => ownChanges.set(sql, (ownChanges.get(sql) ?? 0) + 1);

export type Memo = <T>(key: string, read: (sql: Sql) => T) => T;

/**
 * Remembers what reads of hosts and secrets gave: one call asks for the same record many times. Everything is
 * forgotten when this process changes any of them, and at the next callback of the event loop after another
 * process wrote to the file. What is given out is frozen.
 */
export function createMemo(store: StateStore): Memo {
  const known = new Map<string, unknown>();
  let foreign = -1;
  let own = -1;
  return <T>(key: string, read: (sql: Sql) => T): T =>
    store.read((sql) => {
      const [foreignNow, ownNow] = [store.foreignVersion(), ownChanges.get(sql) ?? 0];
      if (foreignNow !== foreign || ownNow !== own || known.size > MOST_KEPT) known.clear();
      foreign = foreignNow;
      own = ownNow;
      if (known.has(key)) return known.get(key) as T;
      const value = deepFreeze(read(sql));
      known.set(key, value);
      return value;
    });
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
