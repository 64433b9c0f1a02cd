import { z } from 'zod';
import type { Counters } from './counters.ts';

export const Usage = z.object({
  name: z.string(),
  id: z.string(),
  project: z.string().optional(),
  cpuPercent: z.number().optional().describe('Of one core: 200 is two cores in full use'),
  memoryBytes: z.number().optional().describe('Without the page cache that can be given back'),
  memoryLimit: z.number().optional(),
  memoryPercent: z.number().optional().describe('Of its limit'),
  processes: z.number().optional(),
  receivedBytes: z.number().optional(),
  sentBytes: z.number().optional(),
  readBytes: z.number().optional(),
  writtenBytes: z.number().optional(),
});
export type Usage = z.infer<typeof Usage>;

const round = (value: number): number => Math.round(value * 10) / 10;

/** What two looks at the counters of a container say. */
export function usageOf(
  who: { name: string; id: string; project?: string | undefined },
  before: Counters | undefined,
  after: Counters,
  seconds: number,
): Usage {
  const used =
    after.cpuNs !== undefined && before?.cpuNs !== undefined ? after.cpuNs - before.cpuNs : undefined;
  const memory =
    after.memoryBytes === undefined ? undefined : Math.max(0, after.memoryBytes - (after.inactiveFile ?? 0));
  const { memoryLimit } = after;
  const fields = {
    project: who.project,
    cpuPercent:
      used !== undefined && used >= 0 && seconds > 0 ? round((used / 1e9 / seconds) * 100) : undefined,
    memoryBytes: memory,
    memoryLimit,
    memoryPercent: memory !== undefined && memoryLimit ? round((memory / memoryLimit) * 100) : undefined,
    processes: after.processes,
    receivedBytes: after.receivedBytes,
    sentBytes: after.sentBytes,
    readBytes: after.readBytes,
    writtenBytes: after.writtenBytes,
  };
  return {
    name: who.name,
    id: who.id,
    ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
  };
}
