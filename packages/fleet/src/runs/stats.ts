import { isDeepStrictEqual } from 'node:util';
import { OPEN_STATES } from '@flotilla/core';
import { z } from 'zod';

export const Driver = z.object({
  ok: z.boolean(),
  name: z.string(),
  detail: z.string(),
  processes: z.number(),
});

/** Numbers about the runs of one data folder, or of several together. */
export const Stats = z.object({
  total: z.number(),
  byStatus: z.record(z.string(), z.number()),
  byType: z.record(z.string(), z.number()).describe('By tool'),
  avgDuration: z.number().nullable().describe('Milliseconds, of ended runs'),
  successRate: z.number().nullable().describe('0–1, of ended runs'),
  depth: z.number().describe('Runs that wait to start'),
  oldestWaitMs: z.number().nullable(),
  driver: Driver,
});
export type Stats = z.output<typeof Stats>;

type Counts = Readonly<Record<string, number>>;

const sumOf = (a: Counts, b: Counts): Record<string, number> => {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return Object.fromEntries(names.map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
};

const endedIn = ({ byStatus }: Stats): number =>
  Object.entries(byStatus).reduce(
    (sum, [state, count]) => (OPEN_STATES.some((open) => open === state) ? sum : sum + count),
    0,
  );

/** The mean of two means; one that is null counts for nothing. */
function mean(a: number | null, weightA: number, b: number | null, weightB: number): number | null {
  if (a === null || weightA === 0) return b;
  if (b === null || weightB === 0) return a;
  return (a * weightA + b * weightB) / (weightA + weightB);
}

/** Both together, with the queue (`driver`) of the first. */
export function addStats(a: Stats, b: Stats): Stats {
  const [endedA, endedB] = [endedIn(a), endedIn(b)];
  const waits = [a.oldestWaitMs, b.oldestWaitMs].filter((wait) => wait !== null);
  return {
    total: a.total + b.total,
    byStatus: sumOf(a.byStatus, b.byStatus),
    byType: sumOf(a.byType, b.byType),
    avgDuration: mean(a.avgDuration, endedA, b.avgDuration, endedB),
    successRate: mean(a.successRate, endedA, b.successRate, endedB),
    depth: a.depth + b.depth,
    oldestWaitMs: waits.length === 0 ? null : Math.max(...waits),
    driver: a.driver,
  };
}

/** Of one data folder behind two mounts: the same numbers, down to the average. */
export const sameRuns = (a: Stats, b: Stats): boolean =>
  a.avgDuration === b.avgDuration &&
  isDeepStrictEqual(a.byStatus, b.byStatus) &&
  isDeepStrictEqual(a.byType, b.byType);
