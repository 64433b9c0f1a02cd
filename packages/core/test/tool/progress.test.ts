import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { throttleProgress } from '../../src/tool/progress.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('sends the first at once, then the newest of each interval', () => {
  const sent: number[] = [];
  const progress = throttleProgress(({ progress: value }) => sent.push(value), 100);
  for (const value of [1, 2, 3]) progress.report({ progress: value });
  expect(sent).toEqual([1]);
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([1, 3]);
});

it('never goes back or repeats', () => {
  const sent: number[] = [];
  const progress = throttleProgress(({ progress: value }) => sent.push(value), 10);
  for (const value of [5, 4, 5, Number.NaN, Number.POSITIVE_INFINITY, 6]) {
    progress.report({ progress: value });
    vi.advanceTimersByTime(20);
  }
  expect(sent).toEqual([5, 6]);
});

it('drops what is held back when the result comes', () => {
  const sent: number[] = [];
  const progress = throttleProgress(({ progress: value }) => sent.push(value), 100);
  progress.report({ progress: 1 });
  progress.report({ progress: 2 });
  progress.stop();
  progress.report({ progress: 3 });
  vi.advanceTimersByTime(1_000);
  expect(sent).toEqual([1]);
});

it('does nothing when nobody asked', () => {
  const progress = throttleProgress(undefined);
  expect(() => {
    progress.report({ progress: 1 });
    progress.stop();
  }).not.toThrow();
});
