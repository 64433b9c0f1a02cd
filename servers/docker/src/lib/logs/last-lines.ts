import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createDemuxer, type Frame } from '../engine/index.ts';

export interface LastLines {
  lines: string[];
  /** Lines looked at, and how many of them matched. */
  scanned: number;
  matched: number;
  /** A line was cut, or reading stopped before the end. */
  truncated: boolean;
}

export interface LineLimits {
  /** Newest lines to keep. */
  lines: number;
  matches?: ((line: string) => boolean) | undefined;
  /** A longer line is cut. Default 8,192 characters. */
  lineLength?: number;
  /** Reading stops after so many bytes. Default 256 MiB. */
  maxBytes?: number;
}

/** The newest lines of a container's log, in order, in a constant amount of memory. `tty`: the log is not multiplexed. */
export async function lastLines(body: Readable, tty: boolean, limits: LineLimits): Promise<LastLines> {
  const { lines: keep, matches, lineLength = 8_192, maxBytes = 256 * 1024 * 1024 } = limits;
  const found = { lines: [] as { text: string; cut: boolean }[], scanned: 0, matched: 0, stopped: false };
  const take = tty ? (chunk: Buffer): Frame[] => [{ stream: 'stdout', bytes: chunk }] : createDemuxer();
  const add = (line: string, cut: boolean): void => {
    found.scanned++;
    if (matches && !matches(line)) return;
    found.matched++;
    found.lines.push({ text: cut ? `${line}…` : line, cut });
    if (found.lines.length > keep * 2 + 64) found.lines.splice(0, found.lines.length - keep);
  };
  const readers = { stdout: lineReader(lineLength, add), stderr: lineReader(lineLength, add) };
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    for (const frame of take(chunk as Buffer)) readers[frame.stream].take(frame.bytes);
    if (bytes > maxBytes) {
      found.stopped = true;
      break;
    }
  }
  readers.stdout.end();
  readers.stderr.end();
  const { scanned, matched, stopped } = found;
  const kept = found.lines.slice(-keep);
  const truncated = stopped || kept.some(({ cut }) => cut);
  return { lines: kept.map(({ text }) => text), scanned, matched, truncated };
}

function lineReader(maxLength: number, add: (line: string, cut: boolean) => void) {
  const decoder = new StringDecoder('utf8');
  let open = '';
  let cut = false;
  const extend = (text: string): void => {
    const room = maxLength - open.length;
    if (text.length > room) cut = true;
    open += text.slice(0, Math.max(0, room));
  };
  const finish = (): void => {
    add(open.endsWith('\r') ? open.slice(0, -1) : open, cut);
    open = '';
    cut = false;
  };
  return {
    take(bytes: Buffer): void {
      const parts = decoder.write(bytes).split('\n');
      const last = parts.pop() ?? '';
      for (const part of parts) {
        extend(part);
        finish();
      }
      extend(last);
    },
    end(): void {
      if (open !== '') finish();
    },
  };
}
