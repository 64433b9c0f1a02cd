import type { Labels, SeriesValue } from '@flotilla/metrics';
import { containerSeries } from './container-series.ts';
import { type Counters, rates } from './rates.ts';
import { CPU_MODES, type Reading } from './reading.ts';

/** Devices of single containers and the loopback: their traffic is counted elsewhere. */
const IGNORED_NETWORKS = /^(lo|veth.*|cali.*|tap.*|dummy\d*|ifb\d+)$/;
const MAX = { filesystems: 50, disks: 50, networks: 30 };

const one = (name: string, value: number, labels?: Labels): SeriesValue =>
  labels ? { name, labels, value } : { name, value };

const percent = (part: number, whole: number): number => (whole > 0 ? (100 * part) / whole : 0);

/** Everything that a look says, with rates since the one before; counters that fell or are new have no rate yet. */
export function toSeries(now: Reading, before: Reading | undefined): SeriesValue[] {
  const since = before && sameBoot(before, now) ? now.uptimeSeconds - before.uptimeSeconds : 0;
  return [
    one('up', 1),
    ...gauges(now),
    ...memory(now),
    ...filesystems(now),
    ...rates(counters(now), before && counters(before), since),
    ...cpuPercent(now, before, since),
    ...containerSeries(now, before, since),
  ];
}

/** Rates across a longer pause say nothing about any moment of it. */
const MAX_PAUSE_SECONDS = 15 * 60;

function sameBoot(before: Reading, now: Reading): boolean {
  if (before.bootId !== now.bootId) return false;
  const since = now.uptimeSeconds - before.uptimeSeconds;
  return since > 0.05 && since < MAX_PAUSE_SECONDS;
}

function gauges(now: Reading): SeriesValue[] {
  const [load1, load5, load15] = now.load;
  const { conntrack, files, sockets } = now;
  return [
    one('cpu_count', now.cpus.length),
    one('node_load1', load1),
    one('node_load5', load5),
    one('node_load15', load15),
    one('uptime_seconds', now.uptimeSeconds),
    one('node_boot_time_seconds', now.bootTime),
    one('node_procs_running', now.procsRunning),
    one('node_procs_blocked', now.procsBlocked),
    ...['TCP_inuse', 'TCP_tw'].flatMap((name) =>
      sockets[name] === undefined ? [] : [one(`node_sockstat_${name}`, sockets[name])],
    ),
    ...(conntrack
      ? [
          one('node_nf_conntrack_entries', conntrack.entries),
          one('node_nf_conntrack_entries_limit', conntrack.limit),
          one('connections_percent', percent(conntrack.entries, conntrack.limit)),
        ]
      : []),
    ...(files
      ? [one('node_filefd_allocated', files.allocated), one('node_filefd_maximum', files.maximum)]
      : []),
  ];
}

const MEMORY = ['MemTotal', 'MemAvailable', 'MemFree', 'Buffers', 'Cached', 'SwapTotal', 'SwapFree'];

/** Kernels before 3.14 do not say what is available. */
export function availableMemory({ memory: of }: Reading): number {
  return of['MemAvailable'] ?? (of['MemFree'] ?? 0) + (of['Buffers'] ?? 0) + (of['Cached'] ?? 0);
}

function memory(now: Reading): SeriesValue[] {
  const { MemTotal = 0, SwapTotal = 0, SwapFree = 0 } = now.memory;
  return [
    ...MEMORY.flatMap((name) => {
      const value = name === 'MemAvailable' ? availableMemory(now) : now.memory[name];
      return value === undefined ? [] : [one(`node_memory_${name}_bytes`, value)];
    }),
    one('memory_percent', percent(MemTotal - availableMemory(now), MemTotal)),
    ...(SwapTotal > 0 ? [one('swap_percent', percent(SwapTotal - SwapFree, SwapTotal))] : []),
  ];
}

function filesystems(now: Reading): SeriesValue[] {
  return now.filesystems.slice(0, MAX.filesystems).flatMap((fs) => {
    const labels = { mountpoint: fs.mountpoint, device: fs.device, fstype: fs.type };
    const used = fs.sizeBytes - fs.freeBytes;
    return [
      one('node_filesystem_size_bytes', fs.sizeBytes, labels),
      one('node_filesystem_avail_bytes', fs.availableBytes, labels),
      one('node_filesystem_free_bytes', fs.freeBytes, labels),
      // As df has it: the share of what others than root may use.
      one('disk_percent', percent(used, used + fs.availableBytes), labels),
      ...(fs.files === undefined || fs.filesFree === undefined
        ? []
        : [
            one('node_filesystem_files', fs.files, labels),
            one('node_filesystem_files_free', fs.filesFree, labels),
            one('inode_percent', percent(fs.files - fs.filesFree, fs.files), labels),
          ]),
    ];
  });
}

type FieldOf<T> = Readonly<Record<string, keyof T>>;

const DISK_COUNTERS = {
  node_disk_read_bytes_total: 'readBytes',
  node_disk_written_bytes_total: 'writtenBytes',
  node_disk_reads_completed_total: 'readsCompleted',
  node_disk_writes_completed_total: 'writesCompleted',
  node_disk_io_time_seconds_total: 'ioSeconds',
} as const satisfies FieldOf<Reading['disks'][number]>;

const NETWORK_COUNTERS = {
  node_network_receive_bytes_total: 'receiveBytes',
  node_network_transmit_bytes_total: 'transmitBytes',
  node_network_receive_errs_total: 'receiveErrors',
  node_network_transmit_errs_total: 'transmitErrors',
  node_network_receive_drop_total: 'receiveDrops',
  node_network_transmit_drop_total: 'transmitDrops',
} as const satisfies FieldOf<Reading['networks'][number]>;

const ofDevices = <F extends string>(
  devices: readonly (Readonly<Record<F, number>> & { device: string })[],
  names: Readonly<Record<string, F>>,
): Counters =>
  devices.flatMap((row) =>
    Object.entries(names).map(([name, field]) => one(name, row[field], { device: row.device })),
  );

function counters(reading: Reading): Counters {
  const found: Counters = [];
  for (const mode of CPU_MODES) {
    const value = reading.cpus.reduce((sum, cpu) => sum + cpu[mode], 0);
    found.push(one('node_cpu_seconds_total', value, { mode }));
  }
  const networks = reading.networks.filter(({ device }) => !IGNORED_NETWORKS.test(device));
  found.push(
    ...ofDevices(reading.disks.slice(0, MAX.disks), DISK_COUNTERS),
    ...ofDevices(networks.slice(0, MAX.networks), NETWORK_COUNTERS),
  );
  for (const [name, seconds] of Object.entries(reading.pressure))
    found.push(one(`node_pressure_${name}_seconds_total`, seconds));
  return found;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Share of all cores that was neither idle nor waiting for I/O. */
function cpuPercent(now: Reading, before: Reading | undefined, since: number): SeriesValue[] {
  if (!before || since <= 0 || before.cpus.length !== now.cpus.length) return [];
  const total = (reading: Reading, modes: readonly (typeof CPU_MODES)[number][]): number =>
    sum(reading.cpus.flatMap((cpu) => modes.map((mode) => cpu[mode])));
  const all = total(now, CPU_MODES) - total(before, CPU_MODES);
  const idle = total(now, ['idle', 'iowait']) - total(before, ['idle', 'iowait']);
  return all > 0 && idle >= 0 ? [one('cpu_percent', Math.max(0, percent(all - idle, all)))] : [];
}
