import type { FireTimes } from './fire-times.ts';

/** A fixed time apart, counted from `anchor`, whatever clocks on walls do. */
export function everyTimes(everyMs: number, anchor: number): FireTimes {
  const steps = (ms: number): number => Math.floor((ms - anchor) / everyMs);
  return {
    after: (ms) => anchor + Math.max(1, steps(ms) + 1) * everyMs,
    latest: (count, until) => {
      const last = steps(until);
      const first = Math.max(1, last - count + 1);
      return Array.from(
        { length: Math.max(0, last - first + 1) },
        (_, index) => anchor + (first + index) * everyMs,
      );
    },
  };
}
