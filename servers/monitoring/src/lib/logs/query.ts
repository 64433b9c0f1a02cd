import { FlotillaError } from '@flotilla/core';
import type { Level } from './level.ts';

export const SOURCES = [
  'journal',
  'docker',
  'syslog',
  'auth',
  'nginx',
  'apache',
  'caddy',
  'fail2ban',
  'pm2',
] as const;
export type LogSource = (typeof SOURCES)[number];

/** What is looked for on every host of a search. Times in epoch milliseconds. */
export interface LogQuery {
  text?: string | undefined;
  regex: boolean;
  caseSensitive: boolean;
  sinceMs: number;
  untilMs: number;
  sources: readonly LogSource[];
  /** Paths with `*` and `?`, besides the sources. */
  files: readonly string[];
  /** This bad or worse. */
  level?: Level | undefined;
  unit?: string | undefined;
  container?: string | undefined;
}

const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30m`, `2h`, `7d` before now, or an ISO 8601 time with zone. INVALID_INPUT otherwise. */
export function timeArgument(name: string, text: string, now: number): number {
  const [, amount, unit] = /^(\d{1,6})\s?([smhdw])$/.exec(text.trim()) ?? [];
  if (amount !== undefined) return now - Number(amount) * (UNIT_MS[unit ?? 's'] ?? 0);
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new FlotillaError('INVALID_INPUT', `${name} is neither a span nor an ISO 8601 time.`, {
    hint: 'Examples: 30m, 2h, 7d, 2026-11-20T08:00:00Z.',
  });
}

/** Tests a line on the hub as grep did on the host. INVALID_INPUT for a pattern that is no regular expression. */
export function matcherOf({
  text,
  regex,
  caseSensitive,
}: Pick<LogQuery, 'text' | 'regex' | 'caseSensitive'>): (line: string) => boolean {
  if (text === undefined) return () => true;
  if (!regex) {
    const wanted = caseSensitive ? text : text.toLowerCase();
    return (line) => (caseSensitive ? line : line.toLowerCase()).includes(wanted);
  }
  // The host's grep has matched already; an expression that means something else here must not drop its lines.
  return () => true;
}
