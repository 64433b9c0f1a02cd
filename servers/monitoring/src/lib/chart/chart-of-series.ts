import type { CompactSeries } from '../series/compact.ts';
import { labelText } from '../series/render-series.ts';
import { formatValue, type Unit } from '../series/units.ts';
import type { ChartData, ChartSeries } from './chart-data.ts';
import { rangeText, stepText } from './time-axis.ts';

const TITLES: Readonly<Record<string, string>> = {
  cpu_percent: 'CPU',
  memory_percent: 'Memory',
  swap_percent: 'Swap',
  disk_percent: 'Disk use',
  inode_percent: 'Inode use',
  node_load1: 'Load (1 min)',
  node_load5: 'Load (5 min)',
  node_load15: 'Load (15 min)',
  up: 'Answers',
  node_filesystem_avail_bytes: 'Disk space available',
  node_memory_MemAvailable_bytes: 'Memory available',
  node_network_receive_bytes_total: 'Network in',
  node_network_transmit_bytes_total: 'Network out',
  node_disk_read_bytes_total: 'Disk reads',
  node_disk_written_bytes_total: 'Disk writes',
  node_disk_io_time_seconds_total: 'Disk busy',
  container_cpu_usage_seconds_total: 'Container CPU',
  container_memory_working_set_bytes: 'Container memory',
  connections_percent: 'Connection tracking table',
};

const titleOf = (name: string): string => TITLES[name] ?? name;

const points = (one: CompactSeries): ChartSeries['points'] => {
  const start = Date.parse(one.start);
  return one.values.map((value, index) => [start + index * one.stepSeconds * 1000, value]);
};

/** Labels that tell the series of a chart apart; those that are the same everywhere go without saying. */
export function shortNames(series: readonly CompactSeries[]): string[] {
  const keys = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))];
  const telling = keys.filter((key) => new Set(series.map(({ labels }) => labels[key])).size > 1);
  const needed = telling.includes('name')
    ? ['name']
    : telling.includes('mountpoint')
      ? ['mountpoint']
      : telling;
  const several = (values: readonly unknown[]): boolean => new Set(values).size > 1;
  const manyNames = several(series.map(({ name }) => name));
  const manyHosts = several(series.map(({ alias }) => alias));
  return series.map((one) => {
    const parts = [
      ...(manyHosts || (!manyNames && needed.length === 0) ? [one.alias ?? ''] : []),
      ...(manyNames ? [titleOf(one.name)] : []),
      ...needed.flatMap((key) => one.labels[key] ?? []),
    ].filter((part) => part !== '');
    return parts.join(' ') || (one.alias ?? titleOf(one.name));
  });
}

export interface ChartFrame {
  from: number;
  to: number;
  title?: string | undefined;
  gaps: readonly { from: number; until: number }[];
}

/** The series of one unit as a chart. */
export function chartOfSeries(series: readonly CompactSeries[], frame: ChartFrame): ChartData {
  const unit = (series[0]?.unit ?? 'number') as Unit;
  const names = shortNames(series);
  const metrics = [...new Set(series.map(({ name }) => name))];
  const hosts = [...new Set(series.flatMap(({ alias }) => alias ?? []))];
  const of =
    hosts.length > 0 && hosts.length <= 3
      ? ` of ${hosts.join(', ')}`
      : hosts.length > 3
        ? ` of ${hosts.length} hosts`
        : '';
  const [only] = series;
  const labels = series.length === 1 && only ? labelText(only.labels) : '';
  const step = only ? ` · steps of ${stepText(only.stepSeconds)}` : '';
  return {
    title: frame.title ?? `${metrics.map(titleOf).join(', ')}${of}`,
    subtitle: `${metrics.slice(0, 3).join(', ')}${labels} · ${rangeText(frame.from, frame.to)}${step}`,
    from: frame.from,
    to: frame.to,
    series: series.map((one, index) => ({ name: names[index] ?? one.name, points: points(one) })),
    format: (value) => formatValue(value, unit),
    gaps: frame.gaps.map(({ from, until }) => ({
      from: Math.max(from, frame.from),
      until: Math.min(until, frame.to),
    })),
    limits: [],
    ...(unit === 'percent' && { max: 100 }),
    ...((unit === 'bytes' || unit === 'bytes/s') && { binary: true }),
  };
}
