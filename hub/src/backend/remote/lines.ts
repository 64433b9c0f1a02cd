/**
 * Splits a byte stream into lines. A line longer than `maxBytes` is reported once through `onTooLong` and dropped;
 * what follows it is read normally.
 */
export function lineSplitter(options: {
  maxBytes: number;
  onLine: (line: string) => void;
  onTooLong: () => void;
}): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let size = 0;
  let dropping = false;
  const add = (part: Buffer): void => {
    if (dropping || part.length === 0) return;
    size += part.length;
    if (size <= options.maxBytes) {
      parts.push(part);
      return;
    }
    parts = [];
    dropping = true;
    options.onTooLong();
  };
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      add(chunk.subarray(start, end));
      const line = dropping ? undefined : Buffer.concat(parts).toString('utf8');
      parts = [];
      size = 0;
      dropping = false;
      start = end + 1;
      if (line !== undefined) options.onLine(line);
    }
    add(chunk.subarray(start));
  };
}
