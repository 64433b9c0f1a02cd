const DECIMAL = /^\s*[+-]?\d{1,20}(?:\.\d{1,20})?\s*$/;

/** A number that came from a host, within bounds; undefined when it is not one. */
export function bounded(text: unknown, min = 0, max = Number.MAX_SAFE_INTEGER): number | undefined {
  if (typeof text !== 'number' && (typeof text !== 'string' || !DECIMAL.test(text))) return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= min && value <= max ? value : undefined;
}

/** The last day of year 9999: no clock of a host may name a later one. */
const LAST_MS = 253_402_300_799_000;

/** Epoch milliseconds as ISO 8601 in UTC; undefined for what is no date. */
export function isoTime(ms: number | undefined): string | undefined {
  return ms !== undefined && Number.isFinite(ms) && ms > 0 && ms <= LAST_MS
    ? new Date(ms).toISOString()
    : undefined;
}

/** Leaves out the fields that are undefined. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
