import { z } from 'zod';
import { readLines } from '../facts/lines.ts';

/** What a host says of its load; sizes in bytes. Absent: it does not say (not Linux, no /proc). */
export const HostStatus = z.object({
  load1: z.number().optional(),
  load5: z.number().optional(),
  load15: z.number().optional(),
  cpus: z.number().optional(),
  memoryBytes: z.number().optional(),
  memoryAvailableBytes: z.number().optional(),
  swapBytes: z.number().optional(),
  swapFreeBytes: z.number().optional(),
  diskBytes: z.number().optional().describe('Of the file system of /'),
  diskUsedBytes: z.number().optional(),
  diskFreeBytes: z.number().optional().describe('For users other than root'),
  uptimeS: z.number().optional(),
});
export type HostStatus = z.infer<typeof HostStatus>;

const KIB: Record<string, string> = {
  memoryBytes: 'memtotal',
  memoryAvailableBytes: 'memavailable',
  swapBytes: 'swaptotal',
  swapFreeBytes: 'swapfree',
  diskBytes: 'disk_kib',
  diskUsedBytes: 'disk_used_kib',
  diskFreeBytes: 'disk_free_kib',
};
const LARGEST_KIB = 2 ** 42;
const LONGEST_UPTIME_S = 100 * 366 * 86_400;

/** Numbers of a host, each within what is possible; undefined when the script did not come to its end. */
export function parseStatus(output: string): HostStatus | undefined {
  const lines = readLines(output);
  if (lines.text('end') !== 'yes') return undefined;
  const numbers: [string, number | undefined][] = [
    ...['load1', 'load5', 'load15'].map((name): [string, number | undefined] => [
      name,
      lines.number(name, 1_000_000),
    ]),
    ['cpus', lines.count('cpus', 100_000)],
    ...Object.entries(KIB).map(([name, key]): [string, number | undefined] => {
      const kib = lines.count(key, LARGEST_KIB);
      return [name, kib === undefined ? undefined : kib * 1024];
    }),
    ['uptimeS', lines.number('uptime_s', LONGEST_UPTIME_S)],
  ];
  return Object.fromEntries(numbers.filter(([, value]) => value !== undefined));
}
