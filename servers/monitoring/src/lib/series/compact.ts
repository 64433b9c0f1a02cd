import type { Bucket, Labels, SeriesBuckets } from '@flotilla/metrics';
import { z } from 'zod';
import { short } from './units.ts';

/** One series with evenly spaced values: what a model reads with the fewest tokens. */
export const CompactSeries = z.object({
  alias: z.string().optional(),
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  unit: z.string(),
  start: z.string().describe('Time of the first value'),
  stepSeconds: z.number(),
  values: z.array(z.number().nullable()).describe('One per step; null: no sample'),
  min: z.number(),
  avg: z.number(),
  max: z.number(),
  last: z.number(),
});
export type CompactSeries = z.infer<typeof CompactSeries>;

export type Aggregate = 'avg' | 'min' | 'max' | 'last';

const pick = (bucket: Bucket, how: Aggregate): number =>
  how === 'avg' ? bucket.sum / bucket.n : bucket[how];

/** Several series of one name as one: their values of each step added up, as far as the steps are complete. */
export interface Group {
  alias?: string;
  labels: Labels;
  members: readonly SeriesBuckets[];
}

/** Which series belong together: all of one value of a label (`host` = per host), or each alone. */
export function groupSeries(found: readonly SeriesBuckets[], by: string | undefined): Group[] {
  if (by === undefined) return found.map((one) => ({ alias: one.host, labels: one.labels, members: [one] }));
  const groups = Map.groupBy(found, (one) => (by === 'host' ? one.host : (one.labels[by] ?? '')));
  return [...groups]
    .filter(([value]) => value !== '')
    .map(([value, members]) =>
      by === 'host' ? { alias: value, labels: {}, members } : { labels: { [by]: value }, members },
    );
}

export interface Frame {
  from: number;
  to: number;
  stepMs: number;
}

export function compact(
  group: Group,
  { name, unit, how, frame }: { name: string; unit: string; how: Aggregate; frame: Frame },
): CompactSeries | undefined {
  const { stepMs } = frame;
  const sums = new Map<number, number>();
  for (const { buckets } of group.members)
    for (const bucket of buckets) sums.set(bucket.at, (sums.get(bucket.at) ?? 0) + pick(bucket, how));
  const times = [...sums.keys()].sort((a, b) => a - b);
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const values: (number | null)[] = [];
  for (let at = first; at <= last; at += stepMs) {
    const value = sums.get(at);
    values.push(value === undefined ? null : short(value));
  }
  const all = [...sums.values()];
  const buckets = group.members.length === 1 ? (group.members[0]?.buckets ?? []) : [];
  const total = all.reduce((sum, value) => sum + value, 0);
  return {
    ...(group.alias !== undefined && { alias: group.alias }),
    name,
    labels: { ...group.labels },
    unit,
    start: new Date(first).toISOString(),
    stepSeconds: stepMs / 1000,
    values,
    // The extremes of what was measured, not of the means.
    min: short(buckets.length > 0 ? Math.min(...buckets.map(({ min }) => min)) : Math.min(...all)),
    avg: short(total / all.length),
    max: short(buckets.length > 0 ? Math.max(...buckets.map(({ max }) => max)) : Math.max(...all)),
    last: short(sums.get(last) ?? 0),
  };
}
