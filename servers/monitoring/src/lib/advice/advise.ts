import type { Bucket } from '@flotilla/metrics';
import { quantile, sorted } from '../forecast/statistics.ts';

const MIB = 1024 ** 2;
const MIN_HOURS = 24;

export interface ContainerHistory {
  cpu: readonly Bucket[];
  memory: readonly Bucket[];
  memoryLimitBytes?: number | undefined;
  cpuLimit?: number | undefined;
  /** Share of the time in which it was held back. */
  throttled?: number | undefined;
  oomKills: number;
}

/** The most urgent first. */
export const VERDICTS = [
  'out of memory',
  'memory limit tight',
  'throttled',
  'no limits',
  'oversized',
  'fits',
  'unknown',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Advice {
  verdict: Verdict;
  hours: number;
  cpu: {
    p50: number;
    p95: number;
    max: number;
    limit?: number | undefined;
    throttledPercent?: number | undefined;
  };
  memory: { p50: number; p95: number; max: number; limit?: number | undefined };
  oomKills: number;
  /** Absent below a day of history. */
  advised?:
    | { cpuRequest: number; cpuLimit: number; memoryRequestBytes: number; memoryLimitBytes: number }
    | undefined;
  why: string;
}

const mean = ({ sum, n }: Bucket): number => sum / n;

function use(buckets: readonly Bucket[]): { p50: number; p95: number; max: number } {
  const means = sorted(buckets.map(mean));
  return {
    p50: quantile(means, 0.5),
    p95: quantile(means, 0.95),
    max: Math.max(...buckets.map(({ max }) => max)),
  };
}

const upTo = (value: number, step: number): number => Math.ceil(value / step) * step;

/** Pure: what a container needs, by what it used. Requests are what it usually has, limits leave room above its peak. */
export function advise(history: ContainerHistory): Advice | undefined {
  if (history.memory.length === 0 || history.cpu.length === 0) return undefined;
  const cpu = use(history.cpu);
  const memory = use(history.memory);
  const hours = Math.min(history.memory.length, history.cpu.length);
  const base = {
    hours,
    cpu: {
      ...cpu,
      limit: history.cpuLimit,
      throttledPercent:
        history.throttled === undefined ? undefined : Math.round(history.throttled * 1000) / 10,
    },
    memory: { ...memory, limit: history.memoryLimitBytes },
    oomKills: history.oomKills,
  };
  if (hours < MIN_HOURS) {
    return { ...base, verdict: 'unknown', why: `${hours} hours of history, ${MIN_HOURS} are needed` };
  }
  // A container that was killed for memory wanted more than it could show.
  const peak = history.oomKills > 0 ? Math.max(memory.max, history.memoryLimitBytes ?? 0) * 1.25 : memory.max;
  const advised = {
    cpuRequest: Math.max(0.05, upTo(cpu.p50, 0.05)),
    cpuLimit: Math.max(0.1, upTo(Math.max(cpu.p95 * 1.5, cpu.max), 0.1)),
    memoryRequestBytes: Math.max(16 * MIB, upTo(memory.p95, 16 * MIB)),
    memoryLimitBytes: Math.max(32 * MIB, upTo(peak * 1.25, 32 * MIB)),
  };
  return { ...base, advised, ...judge(history, memory.max, advised.memoryLimitBytes) };
}

function judge(
  { memoryLimitBytes: limit, cpuLimit, throttled = 0, oomKills }: ContainerHistory,
  peak: number,
  advisedLimit: number,
): { verdict: Verdict; why: string } {
  const percent = limit ? Math.round((100 * peak) / limit) : 0;
  if (oomKills > 0) return { verdict: 'out of memory', why: `killed ${oomKills} times for want of memory` };
  if (limit && percent >= 90)
    return { verdict: 'memory limit tight', why: `its peak is ${percent} % of its limit` };
  if (throttled >= 0.05)
    return {
      verdict: 'throttled',
      why: `held back ${Math.round(throttled * 100)} % of the time by its CPU limit`,
    };
  if (!limit || !cpuLimit)
    return {
      verdict: 'no limits',
      why: `it has no ${!limit && !cpuLimit ? 'memory and no CPU' : limit ? 'CPU' : 'memory'} limit`,
    };
  if (limit > 3 * advisedLimit) return { verdict: 'oversized', why: `its peak is ${percent} % of its limit` };
  return { verdict: 'fits', why: `its peak is ${percent} % of its limit` };
}

export const urgencyOf = ({ verdict }: Pick<Advice, 'verdict'>): number => VERDICTS.indexOf(verdict);
