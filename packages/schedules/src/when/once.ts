import { FlotillaError } from '@flotilla/core';
import { Cron } from 'croner';
import type { FireTimes } from './fire-times.ts';

export const onceTimes = (at: number): FireTimes => ({
  after: (ms) => (at > ms ? at : undefined),
  latest: (count, until) => (count > 0 && at <= until ? [at] : []),
});

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

/** ISO 8601; without an offset it is a time on the wall of `zone`. INVALID_INPUT for anything else and for the past. */
export function parseAt(text: string, zone: string, now: number): number {
  const match = ISO.exec(text.trim());
  const ms =
    match && isDate(text.trim())
      ? match[1]
        ? Date.parse(text.trim())
        : onTheWall(text.trim(), zone)
      : Number.NaN;
  if (Number.isNaN(ms))
    throw new FlotillaError('INVALID_INPUT', 'at is not a time in ISO 8601.', {
      hint: 'Examples: 2026-11-21T03:00 (in zone), 2026-11-21T03:00:00Z, 2026-11-21T03:00+01:00.',
    });
  if (ms > now) return ms;
  throw new FlotillaError('INVALID_INPUT', 'at lies in the past.', {
    details: { at: new Date(ms).toISOString(), now: new Date(now).toISOString() },
    hint: 'Give a time to come; schedule_run fires a schedule now.',
  });
}

/** Within a gap of daylight saving time: as much later as the clocks were put on. */
function onTheWall(text: string, zone: string): number {
  const whole = text.length === 16 ? `${text}:00` : text;
  try {
    return (
      new Cron(whole.replace(/\.\d+$/, ''), { timezone: zone, paused: true }).getOnce()?.getTime() ??
      Number.NaN
    );
  } catch {
    return Number.NaN;
  }
}

/** There is such a day: no 31st of February. */
function isDate(text: string): boolean {
  const minute = text.slice(0, 16);
  const ms = Date.parse(`${minute}:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(minute);
}
