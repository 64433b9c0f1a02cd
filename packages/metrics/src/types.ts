export type Labels = Readonly<Record<string, string>>;

/** One measured value of a host. */
export interface SeriesValue {
  name: string;
  labels?: Labels;
  value: number;
}

/** Everything that one look at a host gave. */
export interface HostSample {
  host: string;
  /** The hub's clock, epoch milliseconds; kept to the second. */
  at: number;
  values: readonly SeriesValue[];
  /** What the next look is compared with, as JSON text; replaces the one before. */
  reading?: string;
}

/** A look at a host that gave nothing, and why. */
export interface MissedSample {
  host: string;
  at: number;
  /** E.g. `auth`, `net`, `timeout`. */
  reason: string;
  detail: string;
}

/** Consecutive missed samples of one reason. */
export interface Gap {
  host: string;
  from: number;
  /** The last missed sample. */
  until: number;
  count: number;
  reason: string;
  detail: string;
}

export type MatchOp = '=' | '!=' | '=~' | '!~';

/** A label matcher in Prometheus words; regular expressions are anchored at both ends. */
export interface Matcher {
  label: string;
  op: MatchOp;
  value: string;
}

export type Aggregation = 'avg' | 'min' | 'max' | 'sum' | 'count' | 'last';

export interface SeriesSelector {
  /** All hosts that have data when absent. */
  hosts?: readonly string[];
  name: string;
  matchers?: readonly Matcher[];
}

export interface SeriesQuery extends SeriesSelector {
  /** Epoch milliseconds, both ends included. */
  from: number;
  to: number;
  /** Width of a step in milliseconds; absent: the points as they are kept. */
  stepMs?: number;
  /** How the points of one step become one value; default `avg`. */
  aggregate?: Aggregation;
}

export interface SeriesId {
  host: string;
  name: string;
  labels: Labels;
}

export type TierName = 'raw' | '5m' | '1h';

export interface SeriesPoints extends SeriesId {
  /** Where the points come from. */
  tier: TierName;
  /** `[start of the step, value]`, oldest first. A step without data has no point. */
  points: [at: number, value: number][];
}

/** What one step of a series holds. */
export interface Bucket {
  at: number;
  min: number;
  max: number;
  sum: number;
  n: number;
  last: number;
}

export interface SeriesBuckets extends SeriesId {
  tier: TierName;
  buckets: Bucket[];
}

export interface InstantQuery extends SeriesSelector {
  at: number;
  /** A value older than this does not count; default 5 minutes. */
  lookbackMs?: number;
}

export interface InstantValue extends SeriesId {
  at: number;
  value: number;
}

export interface LatestReading {
  host: string;
  at: number;
  reading: string;
}

export interface StoreSize {
  bytes: number;
  hosts: number;
  series: number;
  /** Tables of samples, one per slice of time. */
  slices: number;
}
