import type { RunUpdate } from '../ports/runs.ts';
import type { Progress } from '../ports/steps.ts';
import { visibleControls } from '../text/visible.ts';

const INTERVAL_MS = 100;

/**
 * Passes progress on at most every 100 ms, the newest last, never a value that is not larger than
 * the one before. `stop` drops what was held back: the result says more.
 */
export function throttleProgress(
  send: ((update: Progress) => void) | undefined,
  intervalMs = INTERVAL_MS,
): { report(update: Progress): void; stop(): void } {
  if (send === undefined) return { report: () => {}, stop: () => {} };
  let last = Number.NEGATIVE_INFINITY;
  let next = 0;
  let held: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const flush = () => {
    timer = undefined;
    if (held === undefined) return;
    last = held.progress;
    next = performance.now() + intervalMs;
    const update = held;
    held = undefined;
    send(update);
  };
  return {
    report(update) {
      if (stopped || !Number.isFinite(update.progress)) return;
      if (update.progress <= (held?.progress ?? last)) return;
      held = update;
      const wait = next - performance.now();
      if (wait <= 0 && timer === undefined) flush();
      else timer ??= setTimeout(flush, wait).unref();
    },
    stop() {
      stopped = true;
      held = undefined;
      clearTimeout(timer);
    },
  };
}

/**
 * The updates of a run as progress. A run without counted progress still shows that it is alive: the last line
 * of its output, numbered.
 */
export function progressOfRun(report: (update: Progress) => void): (update: RunUpdate) => void {
  let count = 0;
  let shown = '';
  return ({ progress, tail }) => {
    if (progress !== undefined) {
      report(progress);
      return;
    }
    const line = tail?.trimEnd().split('\n').at(-1);
    if (line === undefined || line === '' || tail === shown) return;
    shown = tail ?? '';
    count += 1;
    report({ progress: count, message: visibleControls(line).slice(0, 200) });
  };
}
