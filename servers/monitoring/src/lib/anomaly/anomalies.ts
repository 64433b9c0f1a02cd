import type { Bucket } from '@flotilla/metrics';
import { mad, median } from '../forecast/statistics.ts';

export const HOUR_MS = 3_600_000;
const WEEK_HOURS = 168;
export const MIN_WEEKS = 2;
/** Values of the same hour of the week, and of the hours beside it, that make a comparison. */
const MIN_VALUES = 5;

export interface Anomaly {
  at: number;
  value: number;
  /** Median of this hour of the week. */
  usual: number;
  /** Distance from it in standard deviations, by the median absolute deviation. */
  score: number;
}

export interface Sensitivity {
  /** Scores from here on count; 3.5 by Iglewicz and Hoaglin. */
  threshold: number;
  /** A deviation that nobody would care about, in units of the series. */
  material: number;
}

export interface Judged {
  anomalies: Anomaly[];
  /** Weeks of history; below 2 nothing is judged. */
  weeks: number;
}

/**
 * Pure: hours since `since` that differ from the same hour of the weeks before. A week has its own rhythm, and one bad
 * day does not move a median.
 */
export function anomalies(
  hours: readonly Bucket[],
  since: number,
  { threshold, material }: Sensitivity,
): Judged {
  const known = hours.map((bucket) => ({ at: bucket.at, value: bucket.sum / bucket.n }));
  const first = known[0]?.at ?? since;
  const weeks = (since - first) / (WEEK_HOURS * HOUR_MS);
  if (weeks < MIN_WEEKS) return { anomalies: [], weeks: Math.max(0, weeks) };
  const slots = Map.groupBy(
    known.filter(({ at }) => at < since),
    ({ at }) => slotOf(at),
  );
  const found: Anomaly[] = [];
  for (const { at, value } of known.filter((one) => one.at >= since)) {
    const slot = slotOf(at);
    const earlier = [slot - 1, slot, slot + 1].flatMap(
      (one) => slots.get((one + WEEK_HOURS) % WEEK_HOURS)?.map((hour) => hour.value) ?? [],
    );
    if (earlier.length < MIN_VALUES) continue;
    const usual = median(earlier);
    // A series that never moves would make every ripple an anomaly.
    const spread = Math.max(mad(earlier, usual), material / threshold);
    const score = (value - usual) / spread;
    if (Math.abs(score) >= threshold && Math.abs(value - usual) >= material)
      found.push({ at, value, usual, score });
  }
  return { anomalies: found, weeks };
}

const slotOf = (at: number): number => Math.floor(at / HOUR_MS) % WEEK_HOURS;

/** Hours that follow each other are one event, told by its worst hour. */
export function events(found: readonly Anomaly[]): (Anomaly & { from: number; until: number })[] {
  const merged: (Anomaly & { from: number; until: number })[] = [];
  for (const one of found) {
    const last = merged.at(-1);
    const follows = last && one.at - last.until <= HOUR_MS && Math.sign(one.score) === Math.sign(last.score);
    if (!last || !follows) merged.push({ ...one, from: one.at, until: one.at });
    else Object.assign(last, { until: one.at, ...(Math.abs(one.score) > Math.abs(last.score) ? one : {}) });
  }
  return merged;
}
