import { FlotillaError, nearest } from '@flotilla/core';

/** The zone of the machine that this process runs on. */
export const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Fixed offsets are refused: they know no daylight saving time, which is what a zone is given for. */
export function checkedZone(zone: string): string {
  const known = /^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(zone) ? canonical(zone) : undefined;
  if (known !== undefined) return known;
  throw new FlotillaError('INVALID_INPUT', 'zone is not an IANA time zone.', {
    details: { zone: zone.slice(0, 64), nearest: nearest(zone, Intl.supportedValuesOf('timeZone')) },
    hint: `Examples: Europe/Paris, America/New_York, UTC. Nearest to what was given: ${nearest(zone, [...Intl.supportedValuesOf('timeZone'), 'UTC'])}.`,
  });
}

/** In the spelling of the database, whatever the case; links keep the name they were given by. */
function canonical(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** `2026-03-29 03:00:00 UTC+2`. */
export function inZone(ms: number, zone: string): string {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'shortOffset',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  const { year, month, day, hour, minute, second, timeZoneName } = parts;
  const offset = timeZoneName?.replace('GMT', 'UTC').replace(/[+-]0$/, '');
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${offset}`;
}
