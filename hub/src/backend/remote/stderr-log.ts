import { type Logger, visibleControls } from '@flotilla/core';
import { lineSplitter } from './lines.ts';

const MAX_LINE = 2_048;
const LINES_PER_WINDOW = 100;
const WINDOW_MS = 10_000;
const KEPT = 10;

export interface StderrLog {
  write(chunk: Buffer): void;
  /** The last lines, to explain why a child ended. Text of the child, never trusted. */
  tail(): string;
}

/** Puts what a child writes on stderr into the hub's log: lines capped, at most 100 in ten seconds. */
export function stderrLog(log: Logger, now = () => performance.now()): StderrLog {
  const last: string[] = [];
  let windowStart = now();
  let inWindow = 0;
  let dropped = 0;
  const openWindow = (): void => {
    if (now() - windowStart < WINDOW_MS) return;
    if (dropped > 0) log.warn({ dropped }, 'lines of the server left out of the log');
    windowStart = now();
    inWindow = 0;
    dropped = 0;
  };
  const onLine = (raw: string): void => {
    const line = visibleControls(raw.replace(/\r$/, '')).trimEnd();
    if (line === '') return;
    last.push(line);
    if (last.length > KEPT) last.shift();
    openWindow();
    inWindow += 1;
    if (inWindow > LINES_PER_WINDOW) dropped += 1;
    else log.info({ stderr: line }, 'server says');
  };
  return {
    write: lineSplitter({ maxBytes: MAX_LINE, onLine, onTooLong: () => onLine('[line too long]') }),
    tail: () => last.join('\n'),
  };
}
