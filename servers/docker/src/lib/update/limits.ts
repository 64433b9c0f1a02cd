import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';
import type { ContainerInspect } from './inspected.ts';

const UNITS: Record<string, number> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
/** Docker refuses less. */
const MIN_MEMORY = 6 * 1024 ** 2;

export const Limits = z.object({
  memoryBytes: z.number().nullable().describe('null = none'),
  memorySwapBytes: z
    .number()
    .nullable()
    .describe('Memory and swap together; null = the default, -1 = without limit'),
  cpus: z.number().nullable(),
  pids: z.number().nullable(),
  restart: z.string(),
  restartRetries: z.number().optional(),
});
export type Limits = z.infer<typeof Limits>;

const Resources = z.looseObject({
  Memory: z.number().nullish(),
  MemorySwap: z.number().nullish(),
  NanoCpus: z.number().nullish(),
  CpuQuota: z.number().nullish(),
  CpuPeriod: z.number().nullish(),
  PidsLimit: z.number().nullish(),
  RestartPolicy: z
    .looseObject({ Name: z.string().nullish(), MaximumRetryCount: z.number().nullish() })
    .nullish(),
});

/** Limits and restart policy of a container as it is. */
export function limitsOf(container: Pick<ContainerInspect, 'HostConfig'>): Limits {
  const found = Resources.parse(container.HostConfig);
  const { Name, MaximumRetryCount } = found.RestartPolicy ?? {};
  const quota = found.CpuQuota && found.CpuQuota > 0 ? found.CpuQuota / (found.CpuPeriod || 100_000) : null;
  return {
    memoryBytes: found.Memory || null,
    memorySwapBytes: found.MemorySwap || null,
    cpus: found.NanoCpus ? found.NanoCpus / 1e9 : quota,
    pids: found.PidsLimit && found.PidsLimit > 0 ? found.PidsLimit : null,
    restart: Name || 'no',
    ...(Name === 'on-failure' && MaximumRetryCount ? { restartRetries: MaximumRetryCount } : {}),
  };
}

/** `512m` as bytes. INVALID_INPUT below what the engine takes. */
export function memoryBytes(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([bkmgt]?)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(amount) * (UNITS[unit.toLowerCase()] ?? 1));
  if (bytes >= MIN_MEMORY && Number.isSafeInteger(bytes)) return bytes;
  throw new FlotillaError('INVALID_INPUT', 'A memory limit is at least 6 MiB, e.g. 256m or 1.5g.', {
    details: { memory: text },
  });
}

export interface LimitChange {
  memory?: number | undefined;
  cpus?: number | undefined;
  pids?: number | undefined;
  restart?: string | undefined;
  restartRetries?: number | undefined;
}

/** The limits after a change, and the body of `POST /containers/{id}/update`. The amount of swap stays as it was. */
export function changedLimits(
  before: Limits,
  change: LimitChange,
): { after: Limits; body: Record<string, unknown> } {
  const { memory, cpus, pids, restart, restartRetries } = change;
  const swap = memory === undefined ? undefined : swapFor(before, memory);
  const { restartRetries: oldRetries, ...kept } = before;
  const retries = restart === undefined ? oldRetries : restart === 'on-failure' ? restartRetries : undefined;
  const after: Limits = {
    ...kept,
    ...(memory !== undefined && { memoryBytes: memory, memorySwapBytes: swap ?? null }),
    ...(cpus !== undefined && { cpus }),
    ...(pids !== undefined && { pids: pids === -1 ? null : pids }),
    ...(restart !== undefined && { restart }),
    ...(retries !== undefined && { restartRetries: retries }),
  };
  const body = {
    ...(memory !== undefined && { Memory: memory, MemorySwap: swap }),
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
    ...(pids !== undefined && { PidsLimit: pids }),
    ...(restart !== undefined && { RestartPolicy: { Name: restart, MaximumRetryCount: retries ?? 0 } }),
  };
  return { after, body };
}

function swapFor({ memoryBytes: old, memorySwapBytes: swap }: Limits, memory: number): number {
  if (swap === -1) return -1;
  return old !== null && swap !== null ? memory + Math.max(0, swap - old) : memory * 2;
}
