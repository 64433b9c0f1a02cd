import { isUtf8 } from 'node:buffer';

/** How many bytes at the end belong to a character that is cut off. */
function cutTail(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? back : 0;
  }
  return 0;
}

/** The same at the beginning of a range: continuation bytes without their first one. */
function cutHead(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && ((bytes[count] ?? 0) & 0xc0) === 0x80) count++;
  return count;
}

export interface TextRange {
  text: string;
  /** Bytes of the range that the text covers, and where it begins in it. */
  start: number;
  length: number;
}

/** A range of a file as text, never with half a character; undefined when it is binary. */
export function textOf(
  bytes: Uint8Array,
  range: { atStart: boolean; atEnd: boolean },
): TextRange | undefined {
  if (bytes.includes(0)) return undefined;
  const start = range.atStart ? 0 : cutHead(bytes);
  const end = bytes.length - (range.atEnd ? 0 : cutTail(bytes));
  const whole = bytes.subarray(start, Math.max(start, end));
  if (!isUtf8(whole)) return undefined;
  return { text: Buffer.from(whole).toString('utf8'), start, length: whole.length };
}

/** Content given by a caller. Undefined when it is not base64. */
export function contentBytes(content: string, encoding: 'utf8' | 'base64'): Buffer | undefined {
  if (encoding === 'utf8') return Buffer.from(content, 'utf8');
  const compact = content.replace(/\s+/g, '');
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(compact) ? Buffer.from(compact, 'base64') : undefined;
}
