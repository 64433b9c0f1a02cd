import type { MetricsFile } from './file/metrics-file.ts';
import { MetricsThread } from './thread.ts';

/**
 * The history of all hosts: samples as they came for 48 h, steps of 5 minutes for 30 days, of an hour for 2 years.
 * Everything happens in a thread of its own, so no call blocks the event loop. Any number of processes may read;
 * one of them is meant to write. STORAGE_FULL, CONFLICT (newer file), INVALID_INPUT (more than 2 million points).
 */
export type Metrics = {
  [Name in keyof MetricsFile]: (
    ...args: WithoutClock<Parameters<MetricsFile[Name]>>
  ) => Promise<ReturnType<MetricsFile[Name]>>;
};

/** The last argument of what depends on the time; it is ours to give. */
type WithoutClock<Args extends unknown[]> = Args extends [...infer Given, now: number] ? Given : Args;

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
