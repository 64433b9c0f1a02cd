import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const DURATION = /^(\d{1,6})([smhdw])$/;

/** `15s`, `5m`, `6h`, `7d`, `4w` in milliseconds. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = DURATION.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit ?? ''] ?? 0);
  return ms > 0 ? ms : undefined;
}

const DURATION_HELP = 'e.g. 15s, 5m, 6h, 7d';

export const Duration = z
  .string()
  .max(20)
  .refine((text) => parseDuration(text) !== undefined, DURATION_HELP);

export const rangeArguments = {
  from: z
    .string()
    .max(40)
    .default('-6h')
    .describe(
      'ISO time, or a time ago such as -30m, -6h, -7d. Raw samples reach back 48 h, 5-minute steps 30 days, hours 2 years',
    ),
  to: z.string().max(40).default('now').describe('ISO time, a time ago, or now'),
};

/** ISO time, `now` or a time ago, as epoch milliseconds. INVALID_INPUT. */
export function parseTime(text: string, argument: string, now: number): number {
  if (text === 'now') return now;
  const ago = /^-/.test(text) ? parseDuration(text.slice(1)) : undefined;
  if (ago !== undefined) return now - ago;
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at) && at > 0) return at;
  throw new FlotillaError('INVALID_INPUT', `${argument} is no time that is understood.`, {
    details: { argument },
    hint: 'Give an ISO time such as 2026-01-31T08:00:00Z, or a time ago such as -6h.',
  });
}

export function parseRange(input: { from: string; to: string }, now: number): { from: number; to: number } {
  const from = parseTime(input.from, 'from', now);
  const to = parseTime(input.to, 'to', now);
  if (from < to) return { from, to };
  throw new FlotillaError('INVALID_INPUT', 'from must lie before to.', { details: { ...input } });
}

const STEPS = [15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800];

/** A step that is easy to read and gives at most so many points. */
export function niceStep(from: number, to: number, maxPoints: number): number {
  const seconds = (to - from) / 1000 / maxPoints;
  return (STEPS.find((step) => step >= seconds) ?? 604_800) * 1000;
}
