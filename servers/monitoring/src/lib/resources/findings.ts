import { formatBytes } from '@flotilla/core';
import type { Resources } from './summary.ts';

export interface Finding {
  severity: 'critical' | 'warning';
  text: string;
}

/** A limit and the sentence that says it was passed. */
const above = (value: number, warning: number, critical: number, text: string): Finding[] =>
  value >= critical
    ? [{ severity: 'critical', text }]
    : value >= warning
      ? [{ severity: 'warning', text }]
      : [];

/** What a person would look at first, worst first. */
export function findings(of: Omit<Resources, 'findings'>): Finding[] {
  const { cpu, memory, load, pressure, connections } = of;
  const perCore = (load[1] ?? 0) / Math.max(1, cpu.count);
  const found = [
    ...of.disks.flatMap((disk) => [
      ...above(
        disk.percent,
        85,
        95,
        `disk ${disk.mountpoint} ${disk.percent} % full, ${formatBytes(disk.availableBytes)} left`,
      ),
      ...above(disk.inodePercent ?? 0, 85, 95, `inodes of ${disk.mountpoint} ${disk.inodePercent} % used`),
    ]),
    ...above(
      memory.percent,
      90,
      97,
      `memory ${memory.percent} % used, ${formatBytes(memory.availableBytes)} available`,
    ),
    ...(memory.swapTotalBytes > 0
      ? above(
          (100 * memory.swapUsedBytes) / memory.swapTotalBytes,
          60,
          95,
          `swap ${formatBytes(memory.swapUsedBytes)} used of ${formatBytes(memory.swapTotalBytes)}`,
        )
      : []),
    ...above(perCore, 1.5, 4, `load ${load[1]} over 5 min on ${cpu.count} core${cpu.count === 1 ? '' : 's'}`),
    ...above(cpu.iowait, 20, 50, `CPU waits for I/O ${cpu.iowait} % of the time`),
    ...above(cpu.steal, 10, 30, `the hypervisor takes away ${cpu.steal} % of the CPU time`),
    ...above(
      pressure['memory'] ?? 0,
      10,
      40,
      `something waits for memory ${pressure['memory']} % of the time`,
    ),
    ...above(pressure['io'] ?? 0, 40, 80, `something waits for I/O ${pressure['io']} % of the time`),
    ...above(
      connections.conntrackPercent ?? 0,
      80,
      95,
      `connection tracking table ${connections.conntrackPercent} % full`,
    ),
    ...above(Math.abs(of.clockOffsetSeconds ?? 0), 5, 300, `clock is off by ${of.clockOffsetSeconds} s`),
  ];
  return found.sort((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'));
}
