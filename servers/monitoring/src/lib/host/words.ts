import { visibleControls } from '@flotilla/core';

/** A short text of a host on one line, its control characters visible. */
export function hostWord(text: unknown, max = 200): string {
  const line = visibleControls(String(text ?? '').slice(0, max * 4))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}

/** `1 unit`, `3 units`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `42 s ago`, `in 3 h 5 min`, from ISO times. */
export function relative(iso: string, now: number): string {
  const ms = Date.parse(iso) - now;
  const seconds = Math.round(Math.abs(ms) / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const text =
    seconds < 60
      ? `${seconds} s`
      : minutes < 60
        ? `${minutes} min`
        : hours < 48
          ? `${hours} h ${minutes % 60} min`
          : `${Math.floor(hours / 24)} d`;
  return ms > 0 ? `in ${text}` : `${text} ago`;
}

/** Lines of a text, at most `max`, without their surrounding blanks. */
export const lines = (text: string | undefined, max: number): string[] =>
  (text ?? '').split('\n', max).map((line) => line.trim());

/** A name that a host gave, fit for a label: printable, short. */
export const labelOf = (text: string): string => text.replace(/[^\x21-\x7e]/g, '?').slice(0, 200);
