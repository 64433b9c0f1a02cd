const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const two = (value: number): string => String(value).padStart(2, '0');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const dayText = (date: Date): string => `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
const timeText = (date: Date): string => `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;

/** A moment on the axis in UTC: the day where one begins, else the time. */
export function tickText(at: number, span: number): string {
  const date = new Date(at);
  if (span > 400 * DAY) return `${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  if (span > 3 * DAY || at % DAY === 0) return dayText(date);
  return timeText(date);
}

const TICKS = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 7, 14, 30, 60, 90, 180].map((days) => days * DAY),
];

/** The distance of ticks at round times, some eight of them. */
export const tickStep = (span: number): number => TICKS.find((step) => span / step <= 10) ?? 365 * DAY;

/** A width of steps: `15 s`, `5 min`, `2 h`, `1 d`. */
export function stepText(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

export const rangeText = (from: number, to: number): string => {
  const [start, end] = [new Date(from), new Date(to)];
  const sameDay = dayText(start) === dayText(end) && to - from < DAY;
  return `${dayText(start)} ${timeText(start)} – ${sameDay ? '' : `${dayText(end)} `}${timeText(end)} UTC`;
};
