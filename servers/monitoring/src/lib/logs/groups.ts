import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isoTime, present } from '../host/numbers.ts';
import { hostWord } from '../host/words.ts';
import type { LogEntry } from './entries.ts';
import { LEVELS, rankOf } from './level.ts';
import { normalise } from './normalise.ts';

export const LogGroup = z.object({
  source: z.string(),
  origin: z.string().describe('Unit, container or file'),
  level: z.enum(LEVELS),
  count: z.number().int(),
  first: z.string().optional(),
  last: z.string().optional(),
  message: z.string().describe('With numbers, addresses and ids replaced'),
  example: z.string().describe('The newest such line'),
  fingerprint: z.string(),
});
export type LogGroup = z.infer<typeof LogGroup>;

const EXAMPLE_CHARACTERS = 500;

/** Equal messages of one origin together, worst first, then the most frequent. Rotations of a file are one origin. */
export function groupEntries(entries: readonly LogEntry[]): LogGroup[] {
  const groups = new Map<string, { entries: LogEntry[]; message: string }>();
  for (const entry of entries) {
    const message = normalise(entry.message);
    const key = `${entry.source}\0${plainOrigin(entry.origin)}\0${message}`;
    const group = groups.get(key);
    if (group) group.entries.push(entry);
    else groups.set(key, { entries: [entry], message });
  }
  return [...groups].map(([key, group]) => summary(key, group)).sort(byWeight);
}

/** `/var/log/syslog.2.gz` and `/var/log/syslog-20261120` are `/var/log/syslog`. */
export const plainOrigin = (origin: string): string =>
  origin.replace(/\.(?:gz|xz|zst|bz2)$/, '').replace(/[.-](?:\d{1,3}|\d{8}(?:-\d+)?)$/, '');

function summary(key: string, { entries, message }: { entries: LogEntry[]; message: string }): LogGroup {
  const [first = { source: 'file' as const, origin: '', level: 'info' as const, message: '' }] = entries;
  const timed = entries.filter((entry) => entry.timeMs !== undefined);
  const times = timed.map((entry) => entry.timeMs ?? 0);
  const newest = timed.reduce<LogEntry>(
    (best, entry) => ((entry.timeMs ?? 0) >= (best.timeMs ?? 0) ? entry : best),
    entries.at(-1) ?? first,
  );
  const worst = entries.reduce(
    (best, entry) => (rankOf(entry.level) < rankOf(best.level) ? entry : best),
    first,
  );
  return {
    source: first.source,
    origin: hostWord(plainOrigin(first.origin), 200),
    level: worst.level,
    count: entries.length,
    ...present({ first: isoTime(min(times)), last: isoTime(max(times)) }),
    message: hostWord(message, 300),
    example: hostWord(newest.message, EXAMPLE_CHARACTERS),
    fingerprint: createHash('sha256').update(key).digest('hex').slice(0, 16),
  };
}

const min = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => Math.min(a, b));
const max = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((a, b) => Math.max(a, b));

const byWeight = (a: LogGroup, b: LogGroup): number =>
  rankOf(a.level) - rankOf(b.level) || b.count - a.count || (b.last ?? '').localeCompare(a.last ?? '');
