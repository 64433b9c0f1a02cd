import { FlotillaError } from '@flotilla/core';

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const PART = /(\d{1,9})([smhdw])/g;

export interface DurationLimits {
  /** The argument, for the message. */
  name: string;
  minMs: number;
  maxMs: number;
}

/** `15m`, `1h30m`, `2d` in milliseconds. INVALID_INPUT says which argument and what fits. */
export function parseDuration(text: string, { name, minMs, maxMs }: DurationLimits): number {
  const words = text.trim();
  const ms = /^(?:\d{1,9}[smhdw])+$/.test(words)
    ? [...words.matchAll(PART)].reduce(
        (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0),
        0,
      )
    : Number.NaN;
  if (ms >= minMs && ms <= maxMs) return ms;
  throw new FlotillaError(
    'INVALID_INPUT',
    `${name} must be a duration from ${durationText(minMs)} to ${durationText(maxMs)}.`,
    { hint: 'Numbers with s, m, h, d or w: "90s", "15m", "1h30m", "2d".' },
  );
}

/** The shortest form that `parseDuration` reads back. */
export function durationText(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, size] of Object.entries(UNITS).toReversed()) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : text;
}
