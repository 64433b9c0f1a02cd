import type { Metrics } from '@flotilla/metrics';
import { z } from 'zod';
import type { Period } from './period.ts';

export const HostUsage = z.object({
  alias: z.string(),
  upPercent: z
    .number()
    .optional()
    .describe('Share of the looks at it that it answered; absent: never looked at'),
  missedLooks: z.number().int(),
  cpuPercent: z.number().optional().describe('Average over the period'),
  memoryPercent: z.number().optional(),
  diskPercent: z.number().optional().describe('The fullest file system, latest value'),
});
export type HostUsage = z.infer<typeof HostUsage>;

export const Consumer = z.object({
  alias: z.string(),
  container: z.string(),
  cpuCores: z.number(),
  memoryBytes: z.number(),
});
export type Consumer = z.infer<typeof Consumer>;

const rounded = (value: number): number => Math.round(value * 100) / 100;

async function averages(metrics: Metrics, name: string, hosts: readonly string[], { from, to }: Period) {
  const found = await metrics.buckets({ name, hosts, from, to, stepMs: 3_600_000 });
  return found.flatMap(({ host, labels, buckets }) => {
    const [sum, count] = buckets.reduce(([total, n], one) => [total + one.sum, n + one.n], [0, 0]);
    return count === 0 ? [] : [{ host, labels, average: sum / count, last: buckets.at(-1)?.last ?? 0 }];
  });
}

type Averages = Awaited<ReturnType<typeof averages>>;

/** How the hosts did over a period: the busiest first. */
export async function hostUsage(
  metrics: Metrics,
  hosts: readonly string[],
  period: Period,
): Promise<HostUsage[]> {
  const average = (name: string): Promise<Averages> => averages(metrics, name, hosts, period);
  const [up, cpu, memory, disk, gaps] = await Promise.all([
    average('up'),
    average('cpu_percent'),
    average('memory_percent'),
    average('disk_percent'),
    metrics.gaps({ hosts, from: period.from, to: period.to }),
  ]);
  const of = (all: Averages, alias: string): number | undefined =>
    all.find(({ host }) => host === alias)?.average;
  return hosts
    .map((alias): HostUsage => {
      const [isUp, cpuPercent, memoryPercent] = [of(up, alias), of(cpu, alias), of(memory, alias)];
      const disks = disk.filter(({ host }) => host === alias).map(({ last }) => last);
      return {
        alias,
        missedLooks: gaps.filter(({ host }) => host === alias).reduce((total, { count }) => total + count, 0),
        ...(isUp !== undefined && { upPercent: Math.floor(isUp * 1e5) / 1e3 }),
        ...(cpuPercent !== undefined && { cpuPercent: rounded(cpuPercent) }),
        ...(memoryPercent !== undefined && { memoryPercent: rounded(memoryPercent) }),
        ...(disks.length > 0 && { diskPercent: rounded(Math.max(...disks)) }),
      };
    })
    .sort((a, b) => (b.cpuPercent ?? -1) - (a.cpuPercent ?? -1) || a.alias.localeCompare(b.alias));
}

/** Containers that used most, by cores and then memory. */
export async function topConsumers(
  metrics: Metrics,
  hosts: readonly string[],
  period: Period,
  limit: number,
): Promise<Consumer[]> {
  const [cpu, memory] = await Promise.all([
    averages(metrics, 'container_cpu_usage_seconds_total', hosts, period),
    averages(metrics, 'container_memory_working_set_bytes', hosts, period),
  ]);
  const rows = new Map<string, Consumer>();
  const row = (alias: string, container: string): Consumer => {
    const key = JSON.stringify([alias, container]);
    const known = rows.get(key) ?? { alias, container, cpuCores: 0, memoryBytes: 0 };
    rows.set(key, known);
    return known;
  };
  for (const { host, labels, average } of cpu) row(host, labels['name'] ?? '').cpuCores += rounded(average);
  for (const { host, labels, average } of memory)
    row(host, labels['name'] ?? '').memoryBytes += Math.round(average);
  return [...rows.values()]
    .sort((a, b) => b.cpuCores - a.cpuCores || b.memoryBytes - a.memoryBytes)
    .slice(0, limit);
}
