import { formatBytes, formatDuration } from '@flotilla/core';
import { textTable } from '../../text/table.ts';
import type { HostFailure } from '../host-failure.ts';
import type { HostStatus } from './host-status.ts';

export interface StatusRow {
  alias: string;
  online: boolean;
  latencyMs?: number | undefined;
  status?: HostStatus | undefined;
  failure?: HostFailure | undefined;
}

/** The hosts that need attention first, then a table of all. */
export function statusText(rows: readonly StatusRow[]): string {
  const online = rows.filter((row) => row.online).length;
  const head = `${online} of ${rows.length} host${rows.length === 1 ? '' : 's'} online`;
  const alarms = rows.flatMap((row) => alarmsOf(row).map((alarm) => `${row.alias}: ${alarm}`));
  const table = textTable(
    ['alias', 'state', 'load', 'cpus', 'memory used', 'disk used', 'uptime'],
    rows.map(({ alias, online: up, status: found = {}, failure }) => [
      alias,
      up ? 'online' : (failure?.code ?? 'offline'),
      found.load1 === undefined
        ? ''
        : [found.load1, found.load5, found.load15].map((load) => load ?? '?').join(' '),
      found.cpus === undefined ? '' : String(found.cpus),
      usage(used(found.memoryBytes, found.memoryAvailableBytes), found.memoryBytes),
      usage(found.diskUsedBytes, found.diskBytes),
      found.uptimeS === undefined ? '' : formatDuration(found.uptimeS * 1000),
    ]),
  );
  return [head, ...alarms, table].join('\n');
}

const used = (total: number | undefined, free: number | undefined): number | undefined =>
  total === undefined || free === undefined ? undefined : Math.max(0, total - free);

function usage(part: number | undefined, total: number | undefined): string {
  if (part === undefined || !total) return '';
  return `${Math.round((100 * part) / total)} % of ${formatBytes(total)}`;
}

function alarmsOf({ failure, status = {} }: StatusRow): string[] {
  const { load5, cpus, memoryBytes, memoryAvailableBytes, diskBytes, diskFreeBytes } = status;
  const low = (free: number | undefined, total: number | undefined, share: number): boolean =>
    free !== undefined && total !== undefined && total > 0 && free / total < share;
  return [
    failure && `${failure.message} ${failure.hint}`,
    low(diskFreeBytes, diskBytes, 0.1) && `only ${formatBytes(diskFreeBytes ?? 0)} left on /`,
    low(memoryAvailableBytes, memoryBytes, 0.1) &&
      `only ${formatBytes(memoryAvailableBytes ?? 0)} of memory available`,
    load5 !== undefined && cpus !== undefined && load5 > 2 * cpus && `load ${load5} on ${cpus} CPUs`,
  ].filter((alarm) => typeof alarm === 'string');
}
