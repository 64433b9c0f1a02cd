import type { Metrics, SeriesBuckets } from '@flotilla/metrics';
import type { ContainerHistory } from './advise.ts';

export interface NamedHistory extends ContainerHistory {
  name: string;
  project?: string | undefined;
  service?: string | undefined;
}

const HOUR_MS = 3_600_000;

/**
 * The history of each container of a host by its name: one that was made anew has another id and goes on under its
 * name. Only containers that still run are told of.
 */
export async function containerHistories(
  metrics: Metrics,
  host: string,
  { from, now }: { from: number; now: number },
): Promise<NamedHistory[]> {
  const read = async (name: string): Promise<Map<string, SeriesBuckets[]>> => {
    const found = await metrics.buckets({ hosts: [host], name, from, to: now, stepMs: HOUR_MS });
    return Map.groupBy(found, ({ labels }) => labels['name'] ?? '');
  };
  const [cpu, memory, limit, cores, throttled, kills] = await Promise.all(
    [
      'container_cpu_usage_seconds_total',
      'container_memory_working_set_bytes',
      'container_spec_memory_limit_bytes',
      'container_spec_cpu_cores',
      'container_cpu_cfs_throttled_seconds_total',
      'container_oom_events_total',
    ].map(read),
  );
  return [...(memory ?? [])].flatMap(([name, series]): NamedHistory[] => {
    const newest = series.reduce((a, b) =>
      (a.buckets.at(-1)?.at ?? 0) > (b.buckets.at(-1)?.at ?? 0) ? a : b,
    );
    if (now - (newest.buckets.at(-1)?.at ?? 0) > 2 * HOUR_MS) return [];
    const all = (found: Map<string, SeriesBuckets[]> | undefined) =>
      (found?.get(name) ?? []).flatMap(({ buckets }) => buckets).sort((a, b) => a.at - b.at);
    const held = all(throttled);
    const sum = held.reduce((total, bucket) => total + bucket.sum, 0);
    const samples = held.reduce((total, { n }) => total + n, 0);
    return [
      {
        name,
        project: newest.labels['project'],
        service: newest.labels['service'],
        cpu: all(cpu),
        memory: all(memory),
        memoryLimitBytes: all(limit).at(-1)?.last,
        cpuLimit: all(cores).at(-1)?.last,
        ...(samples > 0 && { throttled: sum / samples }),
        oomKills: killed(all(kills)),
      },
    ];
  });
}

/** Kills out of their rates per second: a sample stands for the time between two, as in the best measured hour. */
function killed(rates: readonly { sum: number; n: number }[]): number {
  const seconds = 3_600 / Math.max(1, ...rates.map(({ n }) => n));
  return Math.round(rates.reduce((total, { sum }) => total + sum * seconds, 0));
}
