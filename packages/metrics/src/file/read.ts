import type {
  Aggregation,
  Bucket,
  InstantQuery,
  InstantValue,
  SeriesBuckets,
  SeriesPoints,
  SeriesQuery,
} from '../types.ts';
import type { Catalog, KnownSeries } from './catalog.ts';
import { addTo, bucketAt, ofSample, sampleAt } from './packing.ts';
import type { Rollup } from './rollup.ts';
import type { Slices } from './slices.ts';
import { finer, RAW, stepOf, type Tier, tierFor } from './tiers.ts';

/** Points of all series of one answer. */
export const MAX_POINTS = 2_000_000;

export interface Sources {
  catalog: Catalog;
  slices: Slices;
  rollup: Rollup;
}

const VALUE: Record<Aggregation, (bucket: Bucket) => number> = {
  avg: ({ sum, n }) => sum / n,
  min: ({ min }) => min,
  max: ({ max }) => max,
  sum: ({ sum }) => sum,
  count: ({ n }) => n,
  last: ({ last }) => last,
};

export function readPoints(sources: Sources, query: SeriesQuery, now: number): SeriesPoints[] {
  const value = VALUE[query.aggregate ?? 'avg'];
  return readBuckets(sources, query, now).map(({ buckets, ...series }) => ({
    ...series,
    points: buckets.map((bucket) => [bucket.at, value(bucket)]),
  }));
}

export function readBuckets(sources: Sources, query: SeriesQuery, now: number): SeriesBuckets[] {
  const { from, to, stepMs } = query;
  const tier = tierFor(from, to, stepMs, now);
  const found = sources.catalog.select(query);
  const out: SeriesBuckets[] = [];
  let left = MAX_POINTS;
  for (const [hostId, series] of Map.groupBy(found, (one) => one.hostId)) {
    const byId = new Map<number, Bucket[]>(series.map(({ id }) => [id, []]));
    const width = Math.max(stepMs ?? 0, tier.stepMs);
    collect(
      sources,
      tier,
      { hostId, from, before: to + 1 },
      (id, bucket) => {
        const list = byId.get(id);
        if (!list) return;
        const at = stepMs === undefined ? bucket.at : stepOf(bucket.at, width);
        const last = list.at(-1);
        if (last?.at === at) addTo(last, bucket);
        else if (--left >= 0) list.push({ ...bucket, at });
      },
      new Set(byId.keys()),
    );
    if (left < 0) throw Object.assign(new Error('too many points'), { code: 'TOO_MANY_POINTS' });
    for (const one of series) {
      const buckets = byId.get(one.id) ?? [];
      if (buckets.length > 0) out.push({ ...named(one), tier: tier.name, buckets });
    }
  }
  return out;
}

/** The newest value of each series within the lookback. */
export function readInstant(sources: Sources, query: InstantQuery): InstantValue[] {
  const from = query.at - (query.lookbackMs ?? 300_000);
  const found = sources.catalog.select(query);
  const out: InstantValue[] = [];
  for (const [hostId, series] of Map.groupBy(found, (one) => one.hostId)) {
    const newest = new Map<number, Bucket>();
    const range = { hostId, from, before: query.at + 1 };
    const ids = new Set(series.map(({ id }) => id));
    collect(sources, RAW, range, (id, bucket) => newest.set(id, bucket), ids);
    for (const one of series) {
      const bucket = newest.get(one.id);
      if (bucket) out.push({ ...named(one), at: bucket.at, value: bucket.last });
    }
  }
  return out;
}

interface Range {
  hostId: number;
  from: number;
  before: number;
}

/** Steps of the wanted series, oldest first per series: what is rolled up from its tier, the rest from finer ones. */
function collect(
  sources: Sources,
  tier: Tier,
  { hostId, from, before }: Range,
  each: (id: number, bucket: Bucket) => void,
  wanted: ReadonlySet<number>,
): void {
  const { catalog, slices, rollup } = sources;
  const source = finer(tier);
  const start = stepOf(from, tier.stepMs);
  const open = source ? (rollup.lookUpOpenStep(tier, hostId) ?? start) : before;
  for (const row of slices.read(tier, hostId, tier === RAW ? from : start, Math.min(open, before))) {
    const places = catalog.places(row.layout);
    for (const id of wanted) {
      const place = places.get(id);
      if (place === undefined) continue;
      each(
        id,
        tier === RAW ? ofSample(row.at, sampleAt(row.data, place)) : bucketAt(row.data, place, row.at),
      );
    }
  }
  if (!source || open >= before) return;
  const rest = { hostId, from: Math.max(open, start), before };
  const merged = new Map<number, Bucket>();
  collect(
    sources,
    source,
    rest,
    (id, bucket) => {
      const at = stepOf(bucket.at, tier.stepMs);
      const into = merged.get(id);
      if (into?.at === at) return addTo(into, bucket);
      if (into) each(id, into);
      merged.set(id, { ...bucket, at });
    },
    wanted,
  );
  for (const [id, bucket] of merged) each(id, bucket);
}

const named = ({ host, name, labels }: KnownSeries) => ({ host, name, labels });
