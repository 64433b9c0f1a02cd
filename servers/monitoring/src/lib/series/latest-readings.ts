import type { Metrics } from '@flotilla/metrics';
import type { Reading } from '../sampling/reading.ts';

export interface LatestReading {
  at: number;
  reading: Reading;
}

/** The last look at each host that is kept: written by the sampler of this or another process. */
export async function latestReadings(
  metrics: Metrics,
  hosts?: readonly string[],
): Promise<Map<string, LatestReading>> {
  const kept = await metrics.latest(hosts);
  return new Map(
    kept.map(({ host, at, reading }) => [host, { at, reading: JSON.parse(reading) as Reading }]),
  );
}
