import { quantile, sorted, type Trend, theilSen } from './statistics.ts';

export const DAY_MS = 86_400_000;
/** Below this there is no forecast; below the second one it is called uncertain. */
const MIN_DAYS = 3;
const SURE_DAYS = 5;
/** A day counts when so many of its hours were measured. */
const MIN_HOURS = 6;
/** Nobody plans further. */
const HORIZON_DAYS = 365;

export interface Usage {
  at: number;
  used: number;
  capacity: number;
}

export type ForecastState = 'full' | 'acute' | 'filling' | 'stable' | 'shrinking' | 'unknown';

export interface Forecast {
  state: ForecastState;
  used: number;
  capacity: number;
  percent: number;
  /** Days with enough samples. */
  days: number;
  /** Growth per day; with the 90 % interval. Absent below 3 days. */
  perDay?: { value: number; low: number; high: number } | undefined;
  /** Days until it is full, and the interval; `latest` is absent when it may never be. */
  fullIn?: { days: number; earliest: number; latest?: number | undefined } | undefined;
  /** Hours until it is full at the speed of the last 15 minutes, when those are few. */
  acuteHours?: number | undefined;
  confidence?: 'normal' | 'low' | undefined;
}

/** The 95th percentile of each day back from now: what a rotation or a short dump does is not a trend. */
export function dailyPeaks(hourly: readonly Usage[], now: number): [day: number, used: number][] {
  const days = Map.groupBy(hourly, ({ at }) => Math.floor((at - now - 1) / DAY_MS));
  return [...days]
    .filter(([, hours]) => hours.length >= MIN_HOURS)
    .map(([day, hours]): [number, number] => [day, quantile(sorted(hours.map(({ used }) => used)), 0.95)])
    .sort(([a], [b]) => a - b);
}

/** What came before the size was changed says nothing about when it will be full. */
export function sinceResize(hourly: readonly Usage[]): Usage[] {
  const capacity = hourly.at(-1)?.capacity ?? 0;
  const changed = hourly.findLastIndex((one) => Math.abs(one.capacity - capacity) > capacity * 0.01);
  return hourly.slice(changed + 1);
}

/** Hours after which an acute growth no longer counts as such. */
const ACUTE_HOURS = 6;
const ACUTE_WINDOW_MS = 15 * 60_000;
const MIN_ACUTE_POINTS = 5;

/** Hours until it is full if it goes on as in the last 15 minutes; undefined when that is no steady, fast growth. */
export function acuteHours(recent: readonly Usage[], now: number): number | undefined {
  const window = recent.filter(({ at }) => at > now - ACUTE_WINDOW_MS);
  const last = window.at(-1);
  if (!last || window.length < MIN_ACUTE_POINTS) return undefined;
  const trend = theilSen(window.map(({ at, used }): [number, number] => [(at - now) / 3_600_000, used]));
  // Steady growth alone: the interval must not reach down to a tenth of the speed.
  if (!trend || trend.slope <= 0 || trend.low < trend.slope / 10) return undefined;
  const hours = (last.capacity - last.used) / trend.slope;
  return hours < ACUTE_HOURS ? Math.max(0, hours) : undefined;
}

/** Pure: from hourly values of up to a month and the samples of the last minutes. Undefined without any sample. */
export function forecast(
  hourly: readonly Usage[],
  recent: readonly Usage[],
  now: number,
): Forecast | undefined {
  const last = recent.at(-1) ?? hourly.at(-1);
  if (!last || last.capacity <= 0) return undefined;
  const { used, capacity } = last;
  const base = { used, capacity, percent: (100 * used) / capacity };
  const acute = acuteHours(recent, now);
  const peaks = dailyPeaks(sinceResize(hourly), now);
  const trend = peaks.length < MIN_DAYS ? undefined : theilSen(peaks.map(([day, peak]) => [day + 0.5, peak]));
  const common = { ...base, days: peaks.length, ...(acute !== undefined && { acuteHours: acute }) };
  if (!trend) return { state: stateOf(base.percent, acute, undefined, undefined), ...common };
  const fullIn = untilFull(trend, capacity);
  return {
    state: stateOf(base.percent, acute, trend, fullIn),
    ...common,
    perDay: { value: trend.slope, low: trend.low, high: trend.high },
    ...(fullIn && { fullIn }),
    confidence: peaks.length < SURE_DAYS ? 'low' : 'normal',
  };
}

function untilFull(trend: Trend, capacity: number): Forecast['fullIn'] {
  const days = (slope: number): number => Math.max(0, (capacity - trend.intercept) / slope);
  if (trend.slope <= 0 || days(trend.slope) > HORIZON_DAYS) return undefined;
  const latest = trend.low > 0 ? days(trend.low) : undefined;
  return {
    days: days(trend.slope),
    earliest: days(trend.high),
    ...(latest !== undefined && latest <= 10 * HORIZON_DAYS && { latest }),
  };
}

/** A trend whose interval holds zero is none. */
function stateOf(
  percent: number,
  acute: number | undefined,
  trend: Trend | undefined,
  fullIn: Forecast['fullIn'],
): ForecastState {
  if (percent >= 99.5) return 'full';
  if (acute !== undefined) return 'acute';
  if (!trend) return 'unknown';
  if (fullIn && trend.low > 0) return 'filling';
  return trend.high < 0 ? 'shrinking' : 'stable';
}
