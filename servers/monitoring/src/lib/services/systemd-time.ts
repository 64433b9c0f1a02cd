/** Lengths in microseconds of the words in systemd.time(7), as `systemctl show` prints time spans. */
const UNITS: Record<string, number> = {
  y: 31_557_600e6,
  month: 2_629_800e6,
  w: 604_800e6,
  d: 86_400e6,
  h: 3600e6,
  min: 60e6,
  s: 1e6,
  ms: 1000,
  us: 1,
};

/** `1d 2h 3.5s` in microseconds; undefined for `infinity` and what is no span. */
export function parseSpan(text: string): number | undefined {
  if (text === '0') return 0;
  let total = 0;
  for (const word of text.trim().split(/\s+/).slice(0, 12)) {
    const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,9})?)(y|month|w|d|h|min|s|ms|us)$/.exec(word) ?? [];
    const length = UNITS[unit ?? ''];
    if (amount === undefined || length === undefined) return undefined;
    total += Number(amount) * length;
  }
  return total;
}

/** `Fri 2026-11-20 13:42:21 UTC` in epoch milliseconds; undefined for `n/a` and other zones. */
export function parseTimestamp(text: string): number | undefined {
  const [, date, time] = /^\w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? UTC$/.exec(text.trim()) ?? [];
  const ms = date === undefined ? Number.NaN : Date.parse(`${date}T${time}Z`);
  return Number.isFinite(ms) ? ms : undefined;
}
