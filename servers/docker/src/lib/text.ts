import { fenceRemote, visibleControls } from '@flotilla/core';

const MAX_CELL = 120;

/** Text of a host on one line, short. */
export function cell(text: string, max = MAX_CELL): string {
  const line = visibleControls(text.slice(0, max * 4))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}

/** Aligned columns, marked as data of a host; says how many rows were left out. */
export function table(
  source: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  maxRows = 100,
): string {
  const shown = [head, ...rows.slice(0, maxRows)].map((row) => row.map((text) => cell(text)));
  const widths = head.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0)));
  const lines = shown.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const more = rows.length > maxRows ? [`… ${rows.length - maxRows} more in the data`] : [];
  return fenceRemote([...lines, ...more].join('\n'), source);
}

export const shortId = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);

/** `2026-01-31T10:00:00Z` or epoch seconds as an ISO time; undefined for the engine's zero time. */
export function isoTime(value: string | number | null | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const ms = typeof value === 'number' ? value * 1000 : Date.parse(value);
  if (!Number.isFinite(ms) || ms <= 0 || ms > 8.64e15) return undefined;
  return new Date(ms).toISOString();
}

/** A copy of data from a host in which control characters are visible; strings are cut at `max` characters. */
export function shown<T>(value: T, max = 10_000): T {
  if (typeof value === 'string') return visibleControls(value.slice(0, max)) as T;
  if (Array.isArray(value)) return value.map((item) => shown(item, max)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [visibleControls(key.slice(0, max)), shown(member, max)]),
  ) as T;
}
