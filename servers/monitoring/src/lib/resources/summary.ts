import { z } from 'zod';
import {
  CPU_MODES,
  type CpuTimes,
  type Disk,
  hostClock,
  type Network,
  type Reading,
} from '../sampling/reading.ts';
import { availableMemory } from '../sampling/to-series.ts';
import { findings } from './findings.ts';
import { topBy } from './processes.ts';
import type { TwoLooks } from './two-looks.ts';

const percent = z.number().describe('0 to 100');
const bytes = z.number().int();

const Process = z.object({
  pid: z.number().int(),
  user: z.string(),
  cpuPercent: z.number().describe('Of one core'),
  memoryBytes: bytes,
  command: z.string(),
});

/** What get_system_resources says of one host. */
export const resourceFields = {
  at: z.string(),
  findings: z.array(z.object({ severity: z.enum(['critical', 'warning']), text: z.string() })),
  uptimeSeconds: z.number(),
  load: z.array(z.number()).describe('1, 5 and 15 minutes'),
  cpu: z.object({
    count: z.number().int(),
    percent,
    user: percent,
    system: percent,
    iowait: percent,
    steal: percent,
  }),
  memory: z.object({
    totalBytes: bytes,
    availableBytes: bytes,
    percent,
    swapTotalBytes: bytes,
    swapUsedBytes: bytes,
  }),
  disks: z.array(
    z.object({
      mountpoint: z.string(),
      device: z.string(),
      fstype: z.string(),
      sizeBytes: bytes,
      availableBytes: bytes,
      percent,
      inodePercent: percent.optional(),
    }),
  ),
  io: z.array(
    z.object({
      device: z.string(),
      readBytesPerSecond: z.number(),
      writeBytesPerSecond: z.number(),
      readsPerSecond: z.number(),
      writesPerSecond: z.number(),
      busyPercent: percent,
    }),
  ),
  network: z.array(
    z.object({
      device: z.string(),
      receiveBytesPerSecond: z.number(),
      transmitBytesPerSecond: z.number(),
      errors: z.number().describe('Since the host started, both directions'),
      drops: z.number(),
    }),
  ),
  pressure: z
    .record(z.string(), percent)
    .describe('Share of time in which something had to wait for it; absent on kernels without PSI'),
  connections: z.object({ tcp: z.number(), conntrackPercent: percent.optional() }),
  processes: z.object({
    running: z.number().int(),
    blocked: z.number().int(),
    total: z.number().int(),
    byCpu: z.array(Process),
    byMemory: z.array(Process),
  }),
  clockOffsetSeconds: z.number().optional().describe("Host's clock minus the hub's, exact to a second"),
};

const Shape = z.object(resourceFields);
export type Resources = z.infer<typeof Shape>;

const rounded = (value: number, digits = 1): number => Math.round(value * 10 ** digits) / 10 ** digits;
const share = (part: number, whole: number): number => (whole > 0 ? rounded((100 * part) / whole) : 0);

/** Pure: what two looks say, in the units of a person. */
export function summarise({ before, now, processes, tookMs }: TwoLooks, top: number, at: number): Resources {
  const seconds = Math.max(0.001, now.uptimeSeconds - before.uptimeSeconds);
  const { MemTotal = 0, SwapTotal = 0, SwapFree = 0 } = now.memory;
  const clock = hostClock(now);
  const base: Omit<Resources, 'findings'> = {
    at: new Date(at).toISOString(),
    uptimeSeconds: Math.round(now.uptimeSeconds),
    load: [...now.load],
    cpu: cpu(before, now),
    memory: {
      totalBytes: MemTotal,
      availableBytes: availableMemory(now),
      percent: share(MemTotal - availableMemory(now), MemTotal),
      swapTotalBytes: SwapTotal,
      swapUsedBytes: SwapTotal - SwapFree,
    },
    disks: disks(now),
    io: io(before, now, seconds),
    network: network(before, now, seconds),
    pressure: Object.fromEntries(
      ['cpu_waiting', 'io_waiting', 'memory_waiting'].flatMap((name) => {
        const [from, to] = [before.pressure[name], now.pressure[name]];
        if (from === undefined || to === undefined) return [];
        return [[name.replace('_waiting', ''), Math.min(100, share(Math.max(0, to - from), seconds))]];
      }),
    ),
    connections: {
      tcp: (now.sockets['TCP_inuse'] ?? 0) + (now.sockets['TCP6_inuse'] ?? 0),
      ...(now.conntrack && { conntrackPercent: share(now.conntrack.entries, now.conntrack.limit) }),
    },
    processes: {
      running: now.procsRunning,
      blocked: now.procsBlocked,
      total: processes.length,
      byCpu: topBy(processes, 'cpuPercent', top),
      byMemory: topBy(processes, 'memoryBytes', top),
    },
    ...(clock > 0 && { clockOffsetSeconds: rounded((clock - (at - tookMs / 4)) / 1000) }),
  };
  return { ...base, findings: findings(base) };
}

function cpu(before: Reading, now: Reading): Resources['cpu'] {
  const sum = (reading: Reading, modes: readonly (keyof CpuTimes)[]): number =>
    reading.cpus.reduce((total, one) => total + modes.reduce((part, mode) => part + one[mode], 0), 0);
  const grown = (...modes: (keyof CpuTimes)[]): number => Math.max(0, sum(now, modes) - sum(before, modes));
  const all = grown(...CPU_MODES);
  return {
    count: now.cpus.length,
    percent: share(all - grown('idle') - grown('iowait'), all),
    user: share(grown('user', 'nice'), all),
    system: share(grown('system', 'irq', 'softirq'), all),
    iowait: share(grown('iowait'), all),
    steal: share(grown('steal'), all),
  };
}

function disks(now: Reading): Resources['disks'] {
  return now.filesystems
    .map((fs) => {
      const used = fs.sizeBytes - fs.freeBytes;
      const inodes =
        fs.files && fs.filesFree !== undefined ? share(fs.files - fs.filesFree, fs.files) : undefined;
      return {
        mountpoint: fs.mountpoint,
        device: fs.device,
        fstype: fs.type,
        sizeBytes: fs.sizeBytes,
        availableBytes: fs.availableBytes,
        percent: share(used, used + fs.availableBytes),
        ...(inodes !== undefined && { inodePercent: inodes }),
      };
    })
    .sort((a, b) => b.percent - a.percent);
}

/** Increase per second of one counter of a device; 0 for one that is new or was reset. */
function perSecond<T extends { device: string }>(
  before: readonly T[],
  one: T,
  key: keyof T,
  seconds: number,
): number {
  const from = before.find(({ device }) => device === one.device)?.[key];
  const to = one[key];
  return typeof from === 'number' && typeof to === 'number' && to >= from
    ? rounded((to - from) / seconds)
    : 0;
}

function io(before: Reading, now: Reading, seconds: number): Resources['io'] {
  return now.disks.map((disk) => {
    const rate = (key: keyof Disk): number => perSecond(before.disks, disk, key, seconds);
    return {
      device: disk.device,
      readBytesPerSecond: rate('readBytes'),
      writeBytesPerSecond: rate('writtenBytes'),
      readsPerSecond: rate('readsCompleted'),
      writesPerSecond: rate('writesCompleted'),
      busyPercent: Math.min(100, rounded(rate('ioSeconds') * 100)),
    };
  });
}

function network(before: Reading, now: Reading, seconds: number): Resources['network'] {
  return now.networks
    .filter(({ device }) => !/^(lo|veth.*|ifb\d+)$/.test(device))
    .map((one) => {
      const rate = (key: keyof Network): number => perSecond(before.networks, one, key, seconds);
      return {
        device: one.device,
        receiveBytesPerSecond: rate('receiveBytes'),
        transmitBytesPerSecond: rate('transmitBytes'),
        errors: one.receiveErrors + one.transmitErrors,
        drops: one.receiveDrops + one.transmitDrops,
      };
    });
}
