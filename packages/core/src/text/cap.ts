export interface CappedText {
  text: string;
  /** UTF-8 bytes that were left out of the middle. */
  omittedBytes: number;
}

/** Where a UTF-8 sequence may be cut: the largest position ≤ `at` that does not split a character. */
function cutBefore(bytes: Uint8Array, at: number): number {
  let cut = at;
  while (cut > 0 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut--;
  return cut;
}

function cutAfter(bytes: Uint8Array, at: number): number {
  let cut = at;
  while (cut < bytes.length && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut++;
  return cut;
}

/**
 * Head and tail of a long text with a line between them that says how many bytes were left out.
 * The tail gets the larger share: that is where a command says how it ended.
 * The result is at most `maxBytes` plus that line; no character is cut.
 */
export function capText(text: string, maxBytes: number, options: { more?: string } = {}): CappedText {
  if (text.length <= maxBytes / 3) return { text, omittedBytes: 0 };
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return { text, omittedBytes: 0 };
  const headEnd = cutBefore(bytes, Math.floor(maxBytes * 0.4));
  const tailStart = cutAfter(bytes, bytes.length - (maxBytes - headEnd));
  const omittedBytes = tailStart - headEnd;
  const more = options.more === undefined ? '' : `; ${options.more}`;
  const head = bytes.toString('utf8', 0, headEnd);
  const tail = bytes.toString('utf8', tailStart);
  return { text: `${head}\n… ${omittedBytes} bytes left out${more} …\n${tail}`, omittedBytes };
}

/** The first `max` items, and how many more there are. */
export function capList<T>(items: readonly T[], max: number): { items: T[]; leftOut: number } {
  return { items: items.slice(0, max), leftOut: Math.max(0, items.length - max) };
}
