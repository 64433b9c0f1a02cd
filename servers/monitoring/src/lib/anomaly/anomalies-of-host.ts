import type { Labels, Metrics } from '@flotilla/metrics';
import { anomalies, events, HOUR_MS } from './anomalies.ts';
import { WATCHED } from './watched.ts';

export interface HostAnomaly {
  name: string;
  labels: Labels;
  from: number;
  /** Start of its last hour. */
  until: number;
  value: number;
  usual: number;
  score: number;
}

export interface HostAnomalies {
  found: HostAnomaly[];
  /** Weeks of history before the time that was judged. */
  weeks: number;
}

const HISTORY_WEEKS = 8;

/** What was unusual on one host, the furthest from usual first. */
export async function anomaliesOfHost(
  metrics: Metrics,
  host: string,
  { since, now, threshold }: { since: number; now: number; threshold: number },
): Promise<HostAnomalies> {
  const from = since - HISTORY_WEEKS * 7 * 24 * HOUR_MS;
  const found: HostAnomaly[] = [];
  let weeks = 0;
  for (const { name, material } of WATCHED) {
    for (const series of await metrics.buckets({ hosts: [host], name, from, to: now, stepMs: HOUR_MS })) {
      const values = series.buckets.map(({ sum, n }) => sum / n);
      const judged = anomalies(series.buckets, since, { threshold, material: material(values) });
      weeks = Math.max(weeks, judged.weeks);
      for (const { at, ...event } of events(judged.anomalies))
        found.push({ name, labels: series.labels, ...event });
    }
  }
  return { found: found.sort((a, b) => Math.abs(b.score) - Math.abs(a.score)), weeks };
}
