import type { RangeFunction } from './ast.ts';
import type { RangeElement } from './source.ts';

type Points = RangeElement['points'];

const values = (points: Points): number[] => points.map(([, value]) => value);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Slope per second and value at `at` of the line of least squares; as in Prometheus. */
function line(points: Points, at: number): { slope: number; intercept: number } | undefined {
  if (points.length < 2) return undefined;
  const xs = points.map(([time]) => (time - at) / 1000);
  const ys = values(points);
  const [meanX, meanY] = [sum(xs) / xs.length, sum(ys) / ys.length];
  const covariance = sum(xs.map((x, index) => (x - meanX) * ((ys[index] ?? 0) - meanY)));
  const variance = sum(xs.map((x) => (x - meanX) ** 2));
  if (variance === 0) return undefined;
  const slope = covariance / variance;
  return { slope, intercept: meanY - slope * meanX };
}

/**
 * One value from the points of one series; undefined where there are too few. Counters are kept as rates per second,
 * so `rate` is their mean and `increase` the mean times the range.
 */
export function overRange(
  name: RangeFunction,
  points: Points,
  { rangeMs, at, seconds = 0 }: { rangeMs: number; at: number; seconds?: number },
): number | undefined {
  if (points.length === 0) return undefined;
  const all = values(points);
  const [first = 0, last = 0] = [all[0], all.at(-1)];
  switch (name) {
    case 'rate':
    case 'avg_over_time':
      return sum(all) / all.length;
    case 'increase':
      return (sum(all) / all.length) * (rangeMs / 1000);
    case 'delta':
      return points.length < 2 ? undefined : last - first;
    case 'deriv':
      return line(points, at)?.slope;
    case 'predict_linear': {
      const fit = line(points, at);
      return fit && fit.intercept + fit.slope * seconds;
    }
    case 'changes':
      return all.filter((value, index) => index > 0 && value !== all[index - 1]).length;
    case 'min_over_time':
      return all.reduce((least, value) => Math.min(least, value));
    case 'max_over_time':
      return all.reduce((most, value) => Math.max(most, value));
    case 'sum_over_time':
      return sum(all);
    case 'count_over_time':
      return all.length;
    case 'last_over_time':
      return last;
  }
}
