import { formatBytes, formatDuration } from '@flotilla/core';

export type Unit = 'percent' | 'bytes' | 'bytes/s' | 'seconds' | 'share' | 'cores' | 'per second' | 'number';

/** What a series is measured in, by the conventions of its name; counters are kept as rates. */
export function unitOf(name: string): Unit {
  if (/_percent$/.test(name)) return 'percent';
  if (/_bytes_total$/.test(name)) return 'bytes/s';
  if (/_bytes$/.test(name)) return 'bytes';
  if (/^(container_cpu_usage|node_cpu)_seconds_total$/.test(name)) return 'cores';
  if (/_seconds_total$/.test(name)) return 'share';
  if (/_total$/.test(name)) return 'per second';
  if (/_seconds$/.test(name)) return 'seconds';
  return 'number';
}

/** Four significant digits: what a reader can use, and no more characters than that. */
export function short(value: number): number {
  if (!Number.isFinite(value)) return 0;
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}

const negative = (value: number, format: (positive: number) => string): string =>
  value < 0 ? `-${format(-value)}` : format(value);

export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case 'percent':
      return `${Math.round(value * 10) / 10} %`;
    case 'bytes':
      return negative(value, (one) => formatBytes(Math.round(one)));
    case 'bytes/s':
      return `${negative(value, (one) => formatBytes(Math.round(one)))}/s`;
    case 'seconds':
      return Math.abs(value) >= 120
        ? negative(value, (one) => formatDuration(Math.round(one) * 1000))
        : `${short(value)} s`;
    case 'share':
      return `${Math.round(value * 1000) / 10} %`;
    case 'cores':
      return `${Number(value.toPrecision(3))} cores`;
    case 'per second':
      return `${short(value)}/s`;
    default:
      return String(short(value));
  }
}
