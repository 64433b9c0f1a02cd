import { median } from '../forecast/statistics.ts';

/** Series that are judged, and the smallest deviation that matters. What grows for months, as disks do, is for forecasts. */
export interface Watched {
  name: string;
  /** In the unit of the series, from what is usual there. */
  material(usual: readonly number[]): number;
}

const points = (count: number) => (): number => count;
const share =
  (part: number, least: number) =>
  (values: readonly number[]): number =>
    Math.max(least, part * Math.abs(median(values)));

const MIB = 1024 ** 2;

export const WATCHED: readonly Watched[] = [
  { name: 'cpu_percent', material: points(10) },
  { name: 'memory_percent', material: points(8) },
  { name: 'swap_percent', material: points(10) },
  { name: 'connections_percent', material: points(5) },
  { name: 'node_load5', material: share(0.5, 1) },
  { name: 'node_sockstat_TCP_inuse', material: share(0.5, 30) },
  { name: 'node_network_receive_bytes_total', material: share(1, MIB / 4) },
  { name: 'node_network_transmit_bytes_total', material: share(1, MIB / 4) },
  { name: 'node_disk_io_time_seconds_total', material: points(0.15) },
  { name: 'node_pressure_io_waiting_seconds_total', material: points(0.1) },
  { name: 'node_pressure_memory_waiting_seconds_total', material: points(0.05) },
  { name: 'container_cpu_usage_seconds_total', material: share(1, 0.3) },
  { name: 'container_memory_working_set_bytes', material: share(0.5, 128 * MIB) },
];
