import { type FailedHostRow, fenceRemote, formatBytes, formatDuration } from '@flotilla/core';
import { failedText } from '../host/failed.ts';
import type { ProcessUse } from './processes.ts';
import type { Resources } from './summary.ts';

type Row = { alias: string; state: string; error?: FailedHostRow['error'] | undefined } & {
  [K in keyof Resources]?: Resources[K] | undefined;
};

const complete = (row: Row): row is Row & Resources => row.state === 'ok';

const weight = (row: Row): number =>
  !complete(row) ? 1_000 : row.findings.reduce((sum, one) => sum + (one.severity === 'critical' ? 10 : 1), 0);

/** Hosts with findings first; a single host in full, many in a few lines each. */
export function renderResources(rows: readonly Row[]): string {
  const sorted = [...rows].sort((a, b) => weight(b) - weight(a));
  const full = rows.length <= 3;
  return sorted
    .map((row) => (complete(row) ? hostText(row, full) : failedText(row)))
    .join(full ? '\n\n' : '\n');
}

function hostText(row: Row & Resources, full: boolean): string {
  const { alias, cpu, memory, load, disks } = row;
  const root = disks.find(({ mountpoint }) => mountpoint === '/') ?? disks[0];
  const found = row.findings.map(({ severity, text }) => `${severity === 'critical' ? '!! ' : '! '}${text}`);
  const line = [
    `cpu ${cpu.percent} % of ${cpu.count}`,
    `load ${load.join(' ')}`,
    `memory ${memory.percent} % of ${formatBytes(memory.totalBytes)}`,
    ...(root ? [`disk ${root.mountpoint} ${root.percent} %`] : []),
    `up ${formatDuration(row.uptimeSeconds * 1000)}`,
  ].join(', ');
  if (!full) return `${alias}: ${found.length > 0 ? `${found.join('; ')} | ` : ''}${line}`;
  return [
    `${alias}: ${found.length > 0 ? found.join('; ') : 'nothing stands out'}`,
    line,
    ...details(row),
  ].join('\n');
}

function details(row: Resources): string[] {
  const { cpu, memory, processes } = row;
  const perSecond = (value: number): string => `${formatBytes(Math.round(value))}/s`;
  const pressure = Object.entries(row.pressure).map(([name, value]) => `${name} ${value} %`);
  const conntrack = row.connections.conntrackPercent;
  return [
    `cpu: user ${cpu.user} %, system ${cpu.system} %, iowait ${cpu.iowait} %, steal ${cpu.steal} %`,
    `memory: ${formatBytes(memory.availableBytes)} available, swap ${formatBytes(memory.swapUsedBytes)} of ${formatBytes(memory.swapTotalBytes)}`,
    ...(pressure.length > 0 ? [`pressure: ${pressure.join(', ')}`] : []),
    ...row.disks.map(
      (disk) =>
        `disk ${disk.mountpoint} (${disk.device} ${disk.fstype}): ${disk.percent} % of ${formatBytes(disk.sizeBytes)}, ${formatBytes(disk.availableBytes)} left${disk.inodePercent === undefined ? '' : `, inodes ${disk.inodePercent} %`}`,
    ),
    ...row.io.map(
      (one) =>
        `i/o ${one.device}: read ${perSecond(one.readBytesPerSecond)}, write ${perSecond(one.writeBytesPerSecond)}, busy ${one.busyPercent} %`,
    ),
    ...row.network.map(
      (one) =>
        `net ${one.device}: in ${perSecond(one.receiveBytesPerSecond)}, out ${perSecond(one.transmitBytesPerSecond)}${one.errors > 0 ? `, ${one.errors} errors since boot` : ''}`,
    ),
    `connections: ${row.connections.tcp} TCP${conntrack === undefined ? '' : `, tracking table ${conntrack} %`}`,
    `processes: ${processes.total}, ${processes.running} running, ${processes.blocked} blocked`,
    table('by cpu', processes.byCpu),
    table('by memory', processes.byMemory),
  ].filter((line) => line !== '');
}

function table(title: string, rows: readonly ProcessUse[]): string {
  if (rows.length === 0) return '';
  const text = rows.map(
    (one) =>
      `${one.pid} ${one.user} cpu ${one.cpuPercent} % mem ${formatBytes(one.memoryBytes)}  ${one.command}`,
  );
  return fenceRemote(text.join('\n'), `processes ${title}`);
}
