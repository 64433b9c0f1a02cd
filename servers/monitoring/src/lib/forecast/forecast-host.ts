import type { Labels, Metrics, SeriesBuckets } from '@flotilla/metrics';
import { DAY_MS, type Forecast, forecast, type Usage } from './forecast.ts';

export const FORECAST_KINDS = ['disk', 'inodes', 'memory', 'connections'] as const;
export type ForecastKind = (typeof FORECAST_KINDS)[number];

export interface ResourceForecast extends Forecast {
  kind: ForecastKind;
  /** Mount point of disk and inodes. */
  mountpoint?: string | undefined;
}

interface Source {
  capacity: string;
  /** One of the two. */
  free?: string;
  used?: string;
}

const SOURCES: Readonly<Record<ForecastKind, Source>> = {
  disk: { capacity: 'node_filesystem_size_bytes', free: 'node_filesystem_avail_bytes' },
  inodes: { capacity: 'node_filesystem_files', free: 'node_filesystem_files_free' },
  memory: { capacity: 'node_memory_MemTotal_bytes', free: 'node_memory_MemAvailable_bytes' },
  connections: { capacity: 'node_nf_conntrack_entries_limit', used: 'node_nf_conntrack_entries' },
};

const WINDOW_DAYS = 30;
const HOUR_MS = 3_600_000;

const keyOf = (labels: Labels): string => labels['mountpoint'] ?? '';

/** Used and capacity of each resource of a kind over time, by mount point. */
async function usage(
  metrics: Metrics,
  host: string,
  kind: ForecastKind,
  range: { from: number; to: number; stepMs: number },
): Promise<Map<string, Usage[]>> {
  const { capacity, free, used } = SOURCES[kind];
  const read = (name: string): Promise<SeriesBuckets[]> => metrics.buckets({ hosts: [host], name, ...range });
  const [sizes, values] = await Promise.all([read(capacity), read((free ?? used) as string)]);
  const byKey = new Map(values.map((one) => [keyOf(one.labels), one]));
  return new Map(
    sizes.map(({ labels, buckets }): [string, Usage[]] => {
      const measured = new Map((byKey.get(keyOf(labels))?.buckets ?? []).map((one) => [one.at, one]));
      const points = buckets.flatMap((size): Usage[] => {
        const value = measured.get(size.at);
        if (!value) return [];
        const mean = value.sum / value.n;
        return [{ at: size.at, capacity: size.last, used: free ? Math.max(0, size.last - mean) : mean }];
      });
      return [keyOf(labels), points];
    }),
  );
}

/** A file system that was last seen longer ago than this is gone. */
const SEEN_MS = 6 * HOUR_MS;

/** Forecasts of one host, the most urgent first. Empty when it was never looked at. */
export async function forecastHost(
  metrics: Metrics,
  host: string,
  kinds: readonly ForecastKind[],
  now: number,
): Promise<ResourceForecast[]> {
  const found: ResourceForecast[] = [];
  for (const kind of kinds) {
    const [hourly, recent] = await Promise.all([
      usage(metrics, host, kind, { from: now - WINDOW_DAYS * DAY_MS, to: now, stepMs: HOUR_MS }),
      usage(metrics, host, kind, { from: now - HOUR_MS / 2, to: now, stepMs: 1_000 }),
    ]);
    for (const [mountpoint, points] of hourly) {
      if (now - (points.at(-1)?.at ?? 0) > SEEN_MS) continue;
      const one = forecast(points, recent.get(mountpoint) ?? [], now);
      if (one) found.push({ kind, ...(mountpoint !== '' && { mountpoint }), ...one });
    }
  }
  return found.sort((a, b) => urgency(a) - urgency(b));
}

/** Days until something has to be done; resources without a date come last, the fullest first. */
export function urgency(one: Forecast): number {
  if (one.state === 'full') return 0;
  if (one.acuteHours !== undefined) return one.acuteHours / 24;
  if (one.state === 'filling' && one.fullIn) return one.fullIn.days;
  return 1_000 - one.percent;
}
