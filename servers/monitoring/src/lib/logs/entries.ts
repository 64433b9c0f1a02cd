import { z } from 'zod';
import { bounded } from '../host/numbers.ts';
import type { Section } from '../host/sections.ts';
import { jsonOf } from '../services/containers.ts';
import { fromPriority, type Level, levelOf, rankOf } from './level.ts';
import { type HostClock, timeOf } from './line-time.ts';
import { type LogQuery, matcherOf } from './query.ts';

export interface LogEntry {
  source: 'journal' | 'docker' | 'file';
  /** Unit, container or path. */
  origin: string;
  timeMs?: number;
  level: Level;
  message: string;
}

const JournalLine = z.object({
  __REALTIME_TIMESTAMP: z.string(),
  MESSAGE: z.union([z.string(), z.array(z.number()).max(70_000), z.null()]).optional(),
  PRIORITY: z.string().optional(),
  _SYSTEMD_UNIT: z.string().optional(),
  SYSLOG_IDENTIFIER: z.string().optional(),
  CONTAINER_NAME: z.string().optional(),
});

/** `1763646141 +0100`, as the script prints it; the hub's own time when the host says none. */
export function clockOf(sections: readonly Section[], now: number): HostClock {
  const label = sections.find(({ name }) => name === 'clock')?.label ?? '';
  const [, seconds, sign, hours, minutes] = /^(\d{9,12}) ([+-])(\d\d)(\d\d)$/.exec(label) ?? [];
  if (seconds === undefined) return { offsetMinutes: 0, nowMs: now };
  const offset = Number(hours) * 60 + Number(minutes);
  return { offsetMinutes: sign === '-' ? -offset : offset, nowMs: Number(seconds) * 1000 };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what this takes out
const COLOURS = /\u001b\[[\d;]*m/g;

/** Programs colour their lines; equal ones must be equal. */
const plain = (text: string): string => text.replace(COLOURS, '');

/** Every line that the query asks for, in the order of the sources. Lines without a time take that of the line before. */
export function entriesOf(sections: readonly Section[], query: LogQuery, now: number): LogEntry[] {
  const clock = clockOf(sections, now);
  const matches = matcherOf(query);
  const wanted = (entry: LogEntry): boolean =>
    (entry.timeMs === undefined || (entry.timeMs >= query.sinceMs && entry.timeMs <= query.untilMs + 1000)) &&
    (query.level === undefined || rankOf(entry.level) <= rankOf(query.level)) &&
    (entry.source === 'journal' ? true : matches(entry.message));
  return sections
    .filter(({ name }) => name === 'journal' || name === 'docker' || name === 'file')
    .flatMap((section) => (section.name === 'journal' ? fromJournal(section.text) : fromText(section, clock)))
    .filter(wanted);
}

function fromJournal(text: string): LogEntry[] {
  return text.split('\n').flatMap((line): LogEntry[] => {
    const parsed = JournalLine.safeParse(line.startsWith('{') ? jsonOf(line) : undefined);
    if (!parsed.success) return [];
    const { MESSAGE, PRIORITY, _SYSTEMD_UNIT, SYSLOG_IDENTIFIER, CONTAINER_NAME, __REALTIME_TIMESTAMP } =
      parsed.data;
    const timeMs = bounded(__REALTIME_TIMESTAMP, 1, 1e17);
    const message = Array.isArray(MESSAGE)
      ? Buffer.from(MESSAGE.map((byte) => byte & 255)).toString('utf8')
      : MESSAGE;
    return [
      {
        source: 'journal',
        origin: CONTAINER_NAME ?? _SYSTEMD_UNIT ?? SYSLOG_IDENTIFIER ?? '?',
        ...(timeMs !== undefined && { timeMs: Math.floor(timeMs / 1000) }),
        level: fromPriority(bounded(PRIORITY, 0, 7) ?? 6),
        message: plain(message ?? '(longer than 4096 bytes)'),
      },
    ];
  });
}

function fromText({ name, label, text }: Section, clock: HostClock): LogEntry[] {
  let before: number | undefined;
  const source = name === 'docker' ? 'docker' : 'file';
  return text.split('\n').flatMap((line): LogEntry[] => {
    if (line.trim() === '') return [];
    const outer = timeOf(plain(line), clock);
    // Programs in containers print their own time after Docker's.
    const rest = name === 'docker' ? timeOf(outer.rest, clock).rest : outer.rest;
    before = outer.timeMs ?? before;
    return [
      {
        source,
        origin: label,
        ...(before !== undefined && { timeMs: before }),
        level: levelOf(rest),
        message: rest,
      },
    ];
  });
}
