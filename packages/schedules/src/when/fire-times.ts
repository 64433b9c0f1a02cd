/** When something is due, in UTC epoch milliseconds. */
export interface FireTimes {
  /** The first time after `ms`; undefined: never again. */
  after(ms: number): number | undefined;
  /** The last `count` times until `until` (inclusive), in order. */
  latest(count: number, until: number): number[];
}

export interface Passed {
  /** In order, at most `limit`. */
  times: number[];
  /** There were more before them. */
  more: boolean;
}

/** The times after `from` until `until`; of many, the last ones. Costs no more than `limit` steps, however long it was. */
export function passed(times: FireTimes, from: number, until: number, limit = 100): Passed {
  const found: number[] = [];
  let next = times.after(from);
  while (next !== undefined && next <= until && found.length <= limit) {
    found.push(next);
    next = times.after(next);
  }
  if (found.length <= limit) return { times: found, more: false };
  return { times: times.latest(limit, until), more: true };
}

export function nextTimes(times: FireTimes, from: number, count: number): number[] {
  const found: number[] = [];
  for (let at = times.after(from); at !== undefined && found.length < count; at = times.after(at))
    found.push(at);
  return found;
}
