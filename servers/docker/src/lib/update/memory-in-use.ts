import { z } from 'zod';
import type { Engine } from '../engine/index.ts';

const Stats = z.object({
  memory_stats: z
    .object({ usage: z.number().optional(), stats: z.record(z.string(), z.number()).nullish() })
    .optional(),
});

/** Bytes that a running container needs now: what it uses without file cache that can be given back. */
export async function memoryInUse(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<number | undefined> {
  const query = { stream: false, 'one-shot': true };
  const { memory_stats: memory } = await engine.json(Stats, `/containers/${id}/stats`, { query, signal });
  if (memory?.usage === undefined) return undefined;
  const cache = memory.stats?.['total_inactive_file'] ?? memory.stats?.['inactive_file'] ?? 0;
  return Math.max(0, memory.usage - cache);
}
