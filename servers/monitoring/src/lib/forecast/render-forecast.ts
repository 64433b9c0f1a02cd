import { formatValue, type Unit } from '../series/units.ts';
import type { ResourceForecast } from './forecast-host.ts';

const unitOf = ({ kind }: Pick<ResourceForecast, 'kind'>): Unit =>
  kind === 'disk' || kind === 'memory' ? 'bytes' : 'number';

const days = (value: number): string =>
  value < 2 ? `${Math.round(value * 24)} h` : `${Math.round(value)} days`;

/** One sentence: what, when, how fast, how sure. */
export function forecastText(one: ResourceForecast): string {
  const amount = (value: number): string => formatValue(value, unitOf(one));
  const what = `${one.kind}${one.mountpoint ? ` ${one.mountpoint}` : ''}`;
  const level = `${Math.round(one.percent * 10) / 10} % of ${amount(one.capacity)}`;
  const speed = one.perDay ? `${one.perDay.value >= 0 ? '+' : ''}${amount(one.perDay.value)} per day` : '';
  const low = one.confidence === 'low' ? ` (only ${one.days} days of data)` : '';
  const trend = one.fullIn
    ? `full in ${days(one.fullIn.days)} (${interval(one.fullIn)}), ${speed}${low}`
    : '';
  switch (one.state) {
    case 'full':
      return `!! ${what} is full: ${level}`;
    case 'acute':
      return `!! ${what}: full in ${days((one.acuteHours ?? 0) / 24)} at the speed of the last 15 minutes, ${level}; ${one.perDay ? `the trend of ${one.days} days alone: ${trend || `${speed}, not full within a year`}` : 'too little data for a trend'}`;
    case 'filling':
      return `! ${what}: ${trend}, now ${level}`;
    case 'unknown':
      return `${what}: not enough data (${one.days} of 3 days), now ${level}`;
    default:
      return `${what}: ${one.state}, ${speed}${low}, now ${level}`;
  }
}

const interval = ({ earliest, latest }: { earliest: number; latest?: number | undefined }): string =>
  latest === undefined
    ? `${days(earliest)} at the earliest, perhaps never`
    : `${days(earliest)} to ${days(latest)}`;
