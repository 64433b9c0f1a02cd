import type { CapturedOutput } from '@flotilla/core';

/** Bytes of the UTF-8 character that begins with this one. */
export function characterLength(lead: number): 1 | 2 | 3 | 4 {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

/** Length of `bytes` without an incomplete UTF-8 character at its end. */
export function completeLength(bytes: Uint8Array): number {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && start >= 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start--;
  const needed = characterLength(bytes[start] ?? 0);
  return start >= 0 && start + needed > bytes.length ? start : bytes.length;
}

/** Number of continuation bytes that a range cut out of UTF-8 text begins with. */
export function brokenStart(bytes: Uint8Array): number {
  let skip = 0;
  while (skip < Math.min(3, bytes.length) && ((bytes[skip] ?? 0) & 0xc0) === 0x80) skip++;
  return skip;
}

/** The whole text when it fits, else its first and last half `limit` with a line between that says what is missing. */
export function headAndTail(
  size: number,
  limit: number,
  read: (from: number, length: number) => Buffer,
): CapturedOutput {
  if (size <= limit) return { text: read(0, size).toString('utf8'), bytes: size, truncated: false };
  const half = Math.floor(limit / 2);
  const head = read(0, half);
  const tail = read(size - half, half);
  const first = head.subarray(0, completeLength(head));
  const last = tail.subarray(brokenStart(tail));
  const missing = size - first.length - last.length;
  const text = `${first.toString('utf8')}\n[… ${missing} bytes left out …]\n${last.toString('utf8')}`;
  return { text, bytes: size, truncated: true };
}
