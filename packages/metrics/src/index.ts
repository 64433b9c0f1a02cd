export { type Metrics, type MetricsOptions, openMetrics } from './open-metrics.ts';
export { MAX_PATTERN, patternTest } from './pattern.ts';
export type * from './types.ts';
