/** What one look at a host gave: counters and gauges as the kernel has them, in base units. See proc(5). */
export interface Reading {
  /** Another value means that the host was started again; empty when it is not known. */
  bootId: string;
  /** Start of the host by its own clock, epoch seconds. */
  bootTime: number;
  uptimeSeconds: number;
  /** Seconds by mode, per core. */
  cpus: CpuTimes[];
  load: [number, number, number];
  procsRunning: number;
  procsBlocked: number;
  /** Bytes by name as in /proc/meminfo, e.g. `MemAvailable`. */
  memory: Record<string, number>;
  filesystems: Filesystem[];
  disks: Disk[];
  networks: Network[];
  /** Stalled seconds since boot, e.g. `cpu_waiting`. */
  pressure: Record<string, number>;
  /** E.g. `TCP_inuse`. */
  sockets: Record<string, number>;
  conntrack?: { entries: number; limit: number };
  files?: { allocated: number; maximum: number };
  containers: Container[];
}

export const CPU_MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
export type CpuTimes = Record<(typeof CPU_MODES)[number], number>;

export interface Filesystem {
  device: string;
  type: string;
  mountpoint: string;
  sizeBytes: number;
  /** Without what is reserved for root. */
  availableBytes: number;
  freeBytes: number;
  files?: number;
  filesFree?: number;
}

export interface Disk {
  device: string;
  readsCompleted: number;
  readBytes: number;
  readSeconds: number;
  writesCompleted: number;
  writtenBytes: number;
  writeSeconds: number;
  ioSeconds: number;
  weightedSeconds: number;
}

export interface Network {
  device: string;
  receiveBytes: number;
  receivePackets: number;
  receiveErrors: number;
  receiveDrops: number;
  transmitBytes: number;
  transmitPackets: number;
  transmitErrors: number;
  transmitDrops: number;
}

export interface Container {
  id: string;
  name?: string;
  /** Of compose. */
  project?: string;
  service?: string;
  cpuSeconds?: number;
  /** Cores that it may use at most. */
  cpuLimit?: number;
  throttledSeconds?: number;
  /** Without the page cache that can be given back at once. */
  memoryBytes?: number;
  memoryLimitBytes?: number;
  oomKills?: number;
}

/** Host clock at the moment of the look, epoch milliseconds; exact to a second. */
export const hostClock = (reading: Reading): number =>
  reading.bootTime > 0 ? (reading.bootTime + reading.uptimeSeconds) * 1000 : 0;
