import { containerLabels } from '../sampling/container-series.ts';
import {
  type Container,
  CPU_MODES,
  type Disk,
  type Filesystem,
  type Network,
  type Reading,
} from '../sampling/reading.ts';
import type { Family } from './exposition.ts';

/** One metric of a host, in the words of node_exporter. */
interface Metric {
  name: string;
  type: Family['type'];
  help: string;
  read(reading: Reading): Family['samples'];
}

const gauge = (name: string, help: string, read: (reading: Reading) => number | undefined): Metric => ({
  name,
  type: 'gauge',
  help,
  read: (reading) => {
    const value = read(reading);
    return value === undefined ? [] : [{ labels: {}, value }];
  },
});

const filesystem = (name: string, help: string, field: (one: Filesystem) => number | undefined): Metric => ({
  name,
  type: 'gauge',
  help,
  read: ({ filesystems }) =>
    filesystems.flatMap((one) => {
      const value = field(one);
      const labels = { device: one.device, fstype: one.type, mountpoint: one.mountpoint };
      return value === undefined ? [] : [{ labels, value }];
    }),
});

const disk = (name: string, help: string, field: (one: Disk) => number): Metric => ({
  name,
  type: 'counter',
  help,
  read: ({ disks }) => disks.map((one) => ({ labels: { device: one.device }, value: field(one) })),
});

const network = (name: string, help: string, field: (one: Network) => number): Metric => ({
  name,
  type: 'counter',
  help,
  read: ({ networks }) => networks.map((one) => ({ labels: { device: one.device }, value: field(one) })),
});

const container = (
  name: string,
  type: Family['type'],
  help: string,
  field: (one: Container) => number | undefined,
): Metric => ({
  name,
  type,
  help,
  read: ({ containers }) =>
    containers.flatMap((one) => {
      const value = field(one);
      return value === undefined ? [] : [{ labels: containerLabels(one), value }];
    }),
});

const METRICS: readonly Metric[] = [
  {
    name: 'node_cpu_seconds_total',
    type: 'counter',
    help: 'Seconds the CPUs spent in each mode.',
    read: ({ cpus }) =>
      cpus.flatMap((cpu, index) =>
        CPU_MODES.map((mode) => ({ labels: { cpu: String(index), mode }, value: cpu[mode] })),
      ),
  },
  gauge('node_load1', '1m load average.', ({ load }) => load[0]),
  gauge('node_load5', '5m load average.', ({ load }) => load[1]),
  gauge('node_load15', '15m load average.', ({ load }) => load[2]),
  gauge('node_boot_time_seconds', 'Unixtime of the last boot.', ({ bootTime }) => bootTime),
  gauge('node_procs_running', 'Number of processes in runnable state.', (reading) => reading.procsRunning),
  gauge(
    'node_procs_blocked',
    'Number of processes blocked waiting for I/O.',
    (reading) => reading.procsBlocked,
  ),
  gauge(
    'node_nf_conntrack_entries',
    'Currently allocated flow entries.',
    ({ conntrack }) => conntrack?.entries,
  ),
  gauge(
    'node_nf_conntrack_entries_limit',
    'Maximum size of the connection tracking table.',
    ({ conntrack }) => conntrack?.limit,
  ),
  gauge('node_filefd_allocated', 'Allocated file descriptors.', ({ files }) => files?.allocated),
  gauge('node_filefd_maximum', 'Maximum of file descriptors.', ({ files }) => files?.maximum),
  filesystem('node_filesystem_size_bytes', 'Filesystem size in bytes.', (one) => one.sizeBytes),
  filesystem(
    'node_filesystem_avail_bytes',
    'Filesystem space available to non-root users in bytes.',
    (one) => one.availableBytes,
  ),
  filesystem('node_filesystem_free_bytes', 'Filesystem free space in bytes.', (one) => one.freeBytes),
  filesystem('node_filesystem_files', 'Filesystem total file nodes.', (one) => one.files),
  filesystem('node_filesystem_files_free', 'Filesystem total free file nodes.', (one) => one.filesFree),
  disk('node_disk_reads_completed_total', 'Reads completed successfully.', (one) => one.readsCompleted),
  disk('node_disk_read_bytes_total', 'Bytes read successfully.', (one) => one.readBytes),
  disk('node_disk_read_time_seconds_total', 'Seconds spent by all reads.', (one) => one.readSeconds),
  disk('node_disk_writes_completed_total', 'Writes completed successfully.', (one) => one.writesCompleted),
  disk('node_disk_written_bytes_total', 'Bytes written successfully.', (one) => one.writtenBytes),
  disk('node_disk_write_time_seconds_total', 'Seconds spent by all writes.', (one) => one.writeSeconds),
  disk('node_disk_io_time_seconds_total', 'Seconds spent doing I/Os.', (one) => one.ioSeconds),
  disk(
    'node_disk_io_time_weighted_seconds_total',
    'Weighted seconds spent doing I/Os.',
    (one) => one.weightedSeconds,
  ),
  network('node_network_receive_bytes_total', 'Bytes received.', (one) => one.receiveBytes),
  network('node_network_receive_packets_total', 'Packets received.', (one) => one.receivePackets),
  network('node_network_receive_errs_total', 'Receive errors.', (one) => one.receiveErrors),
  network(
    'node_network_receive_drop_total',
    'Received packets that were dropped.',
    (one) => one.receiveDrops,
  ),
  network('node_network_transmit_bytes_total', 'Bytes transmitted.', (one) => one.transmitBytes),
  network('node_network_transmit_packets_total', 'Packets transmitted.', (one) => one.transmitPackets),
  network('node_network_transmit_errs_total', 'Transmit errors.', (one) => one.transmitErrors),
  network(
    'node_network_transmit_drop_total',
    'Packets to transmit that were dropped.',
    (one) => one.transmitDrops,
  ),
  container(
    'container_cpu_usage_seconds_total',
    'counter',
    'CPU time of the container in seconds.',
    (one) => one.cpuSeconds,
  ),
  container(
    'container_cpu_cfs_throttled_seconds_total',
    'counter',
    'Time the container was throttled in seconds.',
    (one) => one.throttledSeconds,
  ),
  container(
    'container_memory_working_set_bytes',
    'gauge',
    'Memory in use without reclaimable cache in bytes.',
    (one) => one.memoryBytes,
  ),
  container(
    'container_spec_memory_limit_bytes',
    'gauge',
    'Memory limit of the container in bytes.',
    (one) => one.memoryLimitBytes,
  ),
  container('container_oom_events_total', 'counter', 'Kills for want of memory.', (one) => one.oomKills),
];

/** Names that a host's kernel chose, kept in the alphabet of metric names. */
const safe = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, '_');

/** Metrics whose name depends on the kernel: /proc/meminfo, pressure, sockets. */
function dynamic(reading: Reading): Metric[] {
  const counts = /^HugePages_/;
  return [
    ...Object.entries(reading.memory).map(([name, value]) =>
      gauge(
        `node_memory_${safe(name)}${counts.test(name) ? '' : '_bytes'}`,
        `Memory information field ${safe(name)}.`,
        () => value,
      ),
    ),
    ...Object.entries(reading.pressure).map(([name, value]) => ({
      ...gauge(
        `node_pressure_${safe(name)}_seconds_total`,
        'Total time in seconds that processes had to wait.',
        () => value,
      ),
      type: 'counter' as const,
    })),
    ...Object.entries(reading.sockets).map(([name, value]) =>
      gauge(`node_sockstat_${safe(name)}`, 'Number of sockets in this state.', () => value),
    ),
  ];
}

/** All hosts in one page: `instance` tells them apart. */
export function nodeFamilies(readings: ReadonlyMap<string, Reading>): Family[] {
  const families = new Map<string, Family>();
  for (const [instance, reading] of readings) {
    for (const { name, type, help, read } of [...METRICS, ...dynamic(reading)]) {
      const family = families.get(name) ?? { name, type, help, samples: [] };
      families.set(name, family);
      for (const { labels, value } of read(reading))
        family.samples.push({ labels: { instance, ...labels }, value });
    }
  }
  return [...families.values()];
}
