import { MetricsThread } from './thread.ts';
import type {
  Gap,
  HostSample,
  InstantQuery,
  InstantValue,
  LatestReading,
  MissedSample,
  SeriesBuckets,
  SeriesId,
  SeriesPoints,
  SeriesQuery,
  StoreSize,
} from './types.ts';

/**
 * The history of all hosts: samples as they came for 48 h, steps of 5 minutes for 30 days, of an hour for 2 years.
 * Everything happens in a thread of its own, so no call blocks the event loop. Any number of processes may read;
 * one of them is meant to write. STORAGE_FULL, CONFLICT (newer file), INVALID_INPUT (more than 2 million points).
 */
export interface Metrics {
  append(samples: readonly HostSample[]): Promise<void>;
  /** Records looks at hosts that gave nothing: `up` becomes 0, no other series gets a value. */
  miss(missed: readonly MissedSample[]): Promise<void>;
  /** One value per step and series. Steps that lie too far back are as wide as what is kept of that time. */
  points(query: SeriesQuery): Promise<SeriesPoints[]>;
  /** As `points`, with minimum, maximum, sum, count and last value of each step. */
  buckets(query: SeriesQuery): Promise<SeriesBuckets[]>;
  /** The newest value of each series at a moment. */
  instant(query: InstantQuery): Promise<InstantValue[]>;
  /** Which series there are. */
  series(hosts?: readonly string[]): Promise<SeriesId[]>;
  latest(hosts?: readonly string[]): Promise<LatestReading[]>;
  /** Missed samples, newest first. */
  gaps(range: { hosts?: readonly string[]; from: number; to: number }): Promise<Gap[]>;
  /** Drops what is older than it is kept; returns the number of dropped slices of time. */
  prune(): Promise<number>;
  size(): Promise<StoreSize>;
  close(): Promise<void>;
}

export interface MetricsOptions {
  /** Absolute path of the SQLite file. */
  file: string;
  /** Default: the clock. For histories that are played back. */
  now?: () => number;
}

/** Opens nothing yet: the thread starts with the first call. */
export function openMetrics({ file, now = Date.now }: MetricsOptions): Metrics {
  const thread = new MetricsThread(file);
  return {
    append: (samples) => thread.call('append', samples),
    miss: (missed) => thread.call('miss', missed),
    points: (query) => thread.call('points', query, now()),
    buckets: (query) => thread.call('buckets', query, now()),
    instant: (query) => thread.call('instant', query),
    series: (hosts) => thread.call('series', hosts),
    latest: (hosts) => thread.call('latest', hosts),
    gaps: (range) => thread.call('gaps', range),
    prune: () => thread.call('prune', now()),
    size: () => thread.call('size'),
    close: () => thread.close(),
  };
}
