import { z } from 'zod';

/** What one vantage point saw. `missing`: it could not look, which says nothing about the target. */
export const VantageResult = z.object({
  from: z.string(),
  status: z.enum(['up', 'down', 'missing']),
  ms: z.number().optional(),
  reason: z.string().optional(),
  detail: z.string().optional(),
});
export type VantageResult = z.infer<typeof VantageResult>;

export type CheckStatus = 'up' | 'down' | 'unknown';

export interface Verdict {
  status: CheckStatus;
  /** Median of those that saw it up, otherwise of all. */
  ms?: number;
  reason?: string;
}

/**
 * Down when at least `quorum` vantage points say so (default: more than half of those that could look); unknown when
 * none could, or when fewer could look than the quorum asks for and all of them saw it down.
 */
export function verdictOf(results: readonly VantageResult[], quorum?: number): Verdict {
  const looked = results.filter(({ status }) => status !== 'missing');
  const down = looked.filter(({ status }) => status === 'down');
  const reason = (down[0] ?? results.find(({ status }) => status === 'missing'))?.reason;
  if (looked.length === 0) return { status: 'unknown', ...(reason !== undefined && { reason }) };
  const needed = quorum ?? Math.floor(looked.length / 2) + 1;
  const isDown = down.length >= needed;
  const undecided = !isDown && down.length === looked.length;
  const status = isDown ? 'down' : undecided ? 'unknown' : 'up';
  const ms = median(
    (status === 'up' ? looked.filter((one) => one.status === 'up') : looked).flatMap((one) => one.ms ?? []),
  );
  return {
    status,
    ...(ms !== undefined && { ms }),
    ...(status !== 'up' && reason !== undefined && { reason }),
  };
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
