export { type Metrics, type MetricsOptions, openMetrics } from './open-metrics.ts';
export type * from './types.ts';
