/** The host's clock: its offset from UTC, and its time when it was read. */
export interface HostClock {
  offsetMinutes: number;
  nowMs: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export interface TimedLine {
  timeMs?: number;
  /** The line without its time. */
  rest: string;
}

type Reader = (match: RegExpExecArray, clock: HostClock) => number | undefined;

const local = (clock: HostClock, ...[year, month, day, hour, minute, second, ms = 0]: number[]): number =>
  Date.UTC(year ?? 0, month, day, hour, minute, second, ms) - clock.offsetMinutes * 60_000;

const zoneMinutes = (zone: string): number => {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};

/** `2026-11-20T13:42:21.5Z`, `2026-11-20 13:42:21,123`, `2026/11/20 13:42:21`; without zone it is the host's. */
const iso: Reader = (match, clock) => {
  const [, year, month, day, hour, minute, second, fraction = '', zone] = match;
  const ms = Math.floor(Number(`0.${fraction || '0'}`) * 1000);
  const offsetMinutes = zone === undefined ? clock.offsetMinutes : zoneMinutes(zone);
  const date = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)];
  return local({ ...clock, offsetMinutes }, ...date, ms);
};

/** `Nov 20 13:42:21` (RFC 3164 4.1.2): no year; the newest that is not in the future. */
const syslog: Reader = (match, clock) => {
  const [, name = '', day, hour, minute, second] = match;
  const month = MONTHS.indexOf(name.toLowerCase());
  if (month < 0) return undefined;
  const year = new Date(clock.nowMs + clock.offsetMinutes * 60_000).getUTCFullYear();
  const date = [month, Number(day), Number(hour), Number(minute), Number(second)];
  const time = local(clock, year, ...date);
  return time > clock.nowMs + 86_400_000 ? local(clock, year - 1, ...date) : time;
};

/** `20/Nov/2026:13:42:21 +0000`, of access logs. */
const access: Reader = (match, clock) => {
  const [, day, name = '', year, hour, minute, second, zone = '+0000'] = match;
  const month = MONTHS.indexOf(name.toLowerCase());
  const date = [Number(year), month, Number(day), Number(hour), Number(minute), Number(second)];
  return month < 0 ? undefined : local({ ...clock, offsetMinutes: zoneMinutes(zone) }, ...date);
};

/** `"ts":1763646141.5`, in seconds or milliseconds. */
const epoch: Reader = (match) => {
  const value = Number(match[1]);
  return value > 1e11 ? value : value * 1000;
};

const READERS: readonly (readonly [RegExp, Reader])[] = [
  [
    /^[[(]?(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?[\])]?:?\s*/,
    iso,
  ],
  [/^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:\.\d+)? /, syslog],
  [/\[(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]\s*/, access],
  [/"(?:ts|time|timestamp)":\s?(\d{9,13}(?:\.\d+)?)/, epoch],
  [
    /"(?:ts|time|timestamp)":\s?"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?"/,
    iso,
  ],
];

/** The time a log line begins with, in the forms of syslog, nginx, Caddy, fail2ban, PM2 and Docker. */
export function timeOf(line: string, clock: HostClock): TimedLine {
  const head = line.slice(0, 400);
  for (const [pattern, read] of READERS) {
    const match = pattern.exec(head);
    const timeMs = match ? read(match, clock) : undefined;
    if (!match || timeMs === undefined || !Number.isFinite(timeMs)) continue;
    const atStart = match.index === 0 || pattern.source.startsWith('\\[');
    const rest = atStart ? line.slice(0, match.index) + line.slice(match.index + match[0].length) : line;
    return { timeMs, rest };
  }
  return { rest: line };
}
