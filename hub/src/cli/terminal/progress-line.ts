import { formatBytes, type Progress, visibleControls } from '@flotilla/core';
import type { Output } from '../world.ts';
import { width } from './table.ts';
import type { Terminal } from './terminal.ts';

export interface ProgressLine {
  show(update: Progress): void;
  clear(): void;
}

const BAR = 24;
const EVERY_MS = 80;

/** `██████····  42 %  message` for progress with a total, the message alone without. */
export function renderProgress(
  { progress, total, message }: Progress,
  columns: number,
  bytes = false,
): string {
  const words = visibleControls(message ?? '').replace(/\s+/g, ' ');
  let line = words;
  if (total !== undefined && total > 0) {
    const share = Math.min(1, Math.max(0, progress / total));
    const full = Math.round(share * BAR);
    const counted = bytes ? `  ${formatBytes(progress)} of ${formatBytes(total)}` : '';
    line = `${'█'.repeat(full)}${'·'.repeat(BAR - full)} ${String(Math.floor(share * 100)).padStart(3)} %${counted}`;
    if (words !== '') line += `  ${words}`;
  }
  return width(line) < columns ? line : [...line].slice(0, columns - 1).join('');
}

/** One line on stderr that is overwritten; silent unless stderr is a terminal. */
export function progressLine(
  stderr: Output,
  terminal: Pick<Terminal, 'progress'>,
  options: { bytes?: boolean } = {},
): ProgressLine {
  if (!terminal.progress) return { show: () => {}, clear: () => {} };
  let shownAt = 0;
  let visible = false;
  return {
    show(update) {
      const now = performance.now();
      const done = update.total !== undefined && update.progress >= update.total;
      if (now - shownAt < EVERY_MS && !done) return;
      shownAt = now;
      visible = true;
      stderr.write(`\r\u001b[K${renderProgress(update, stderr.columns ?? 80, options.bytes)}`);
    },
    clear() {
      if (visible) stderr.write('\r\u001b[K');
      visible = false;
    },
  };
}
