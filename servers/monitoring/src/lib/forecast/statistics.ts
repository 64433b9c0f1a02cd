/** A value of sorted numbers at a share from 0 to 1, interpolated; NaN for none. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below === undefined || above === undefined ? Number.NaN : below + (above - below) * (place % 1);
}

export const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

export const median = (values: readonly number[]): number => quantile(sorted(values), 0.5);

/** Median absolute deviation, scaled to the standard deviation of a normal distribution. */
export function mad(values: readonly number[], center: number = median(values)): number {
  return 1.4826 * median(values.map((value) => Math.abs(value - center)));
}

export interface Trend {
  slope: number;
  /** Value of the trend line at x = 0. */
  intercept: number;
  /** 90 % interval of the slope. */
  low: number;
  high: number;
}

/** For a two-sided interval of 90 %. */
const Z = 1.645;

/**
 * Theil–Sen: the median of the slopes of all pairs, which a quarter of outliers does not move; the interval is that of
 * Kendall's statistic (Sen 1968). Undefined for fewer than 3 points. Quadratic: meant for hundreds of points.
 */
export function theilSen(points: readonly (readonly [x: number, y: number])[]): Trend | undefined {
  const slopes: number[] = [];
  points.forEach(([x1, y1], index) => {
    for (const [x2, y2] of points.slice(index + 1)) if (x2 !== x1) slopes.push((y2 - y1) / (x2 - x1));
  });
  if (points.length < 3 || slopes.length === 0) return undefined;
  slopes.sort((a, b) => a - b);
  const n = points.length;
  const slope = quantile(slopes, 0.5);
  const spread = (Z * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18)) / slopes.length;
  return {
    slope,
    intercept: median(points.map(([x, y]) => y - slope * x)),
    low: quantile(slopes, Math.max(0, (1 - spread) / 2)),
    high: quantile(slopes, Math.min(1, (1 + spread) / 2)),
  };
}
