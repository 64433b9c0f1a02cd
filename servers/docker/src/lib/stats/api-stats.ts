import { isFlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { bounded } from '../bounded.ts';
import { containerPath } from '../containers/details.ts';
import type { Engine } from '../engine/index.ts';
import type { Counters } from './counters.ts';

const counter = bounded.nullish();
const Stats = z.looseObject({
  cpu_stats: z.looseObject({ cpu_usage: z.looseObject({ total_usage: counter }).nullish() }).nullish(),
  memory_stats: z
    .looseObject({ usage: counter, limit: counter, stats: z.record(z.string(), z.number()).nullish() })
    .nullish(),
  pids_stats: z.looseObject({ current: counter }).nullish(),
  networks: z.record(z.string(), z.looseObject({ rx_bytes: counter, tx_bytes: counter })).nullish(),
});

/** Counters as the engine tells them; slow (a second and more per look), so only where the host's files cannot be read. */
export async function statsByApi(
  engine: Engine,
  id: string,
  signal: AbortSignal,
): Promise<Counters | undefined> {
  try {
    const query = { stream: false, 'one-shot': true };
    const stats = await engine.json(Stats, containerPath(id, '/stats'), { query, signal, timeoutMs: 20_000 });
    const networks = Object.values(stats.networks ?? {});
    const memory = stats.memory_stats;
    const fields = {
      cpuNs: stats.cpu_stats?.cpu_usage?.total_usage,
      memoryBytes: memory?.usage,
      memoryLimit: memory?.limit,
      inactiveFile: memory?.stats?.['total_inactive_file'] ?? memory?.stats?.['inactive_file'],
      processes: stats.pids_stats?.current,
      receivedBytes: networks.reduce((sum, { rx_bytes }) => sum + (rx_bytes ?? 0), 0),
      sentBytes: networks.reduce((sum, { tx_bytes }) => sum + (tx_bytes ?? 0), 0),
    };
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value === 'number'));
  } catch (error) {
    if (isFlotillaError(error) && ['NOT_FOUND', 'CONFLICT'].includes(error.code)) return undefined;
    throw error;
  }
}
