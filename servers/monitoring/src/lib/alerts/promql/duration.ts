import { FlotillaError } from '@flotilla/core';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** A duration as Prometheus writes it: units in falling order, each once (`1h30m`). */
export const DURATION =
  /^(?:0|(?=\d)(?:\d{1,6}y)?(?:\d{1,6}w)?(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m(?!s))?(?:\d{1,9}s)?(?:\d{1,12}ms)?)$/;

/** Milliseconds of `5m`, `1h30m`, `0`. INVALID_INPUT for anything else. */
export function parseDuration(text: string): number {
  if (!DURATION.test(text))
    throw new FlotillaError('INVALID_INPUT', `${JSON.stringify(text.slice(0, 40))} is no duration.`, {
      hint: 'Write it as Prometheus does: 30s, 5m, 1h30m, 7d.',
    });
  let total = 0;
  for (const [, count = '0', unit = 'ms'] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    total += Number(count) * (UNITS[unit] ?? 0);
  return total;
}

/** `5400000` → `1h30m`; `0s` for nothing. */
export function formatPromDuration(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const unit of ['d', 'h', 'm', 's', 'ms']) {
    const size = UNITS[unit] ?? 1;
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text === '' ? '0s' : text;
}
