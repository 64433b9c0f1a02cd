import { formatDuration } from '@flotilla/core';
import { textTable } from '../text/table.ts';
import { ago } from '../text/time.ts';
import type { RunRow } from './run-row.ts';

const MAX_HOSTS = 3;

const hosts = (row: RunRow): string =>
  row.hosts.length > MAX_HOSTS
    ? `${row.hosts.slice(0, MAX_HOSTS).join(',')} +${row.hosts.length - MAX_HOSTS}`
    : row.hosts.join(',');

function share(row: RunRow): string | undefined {
  if (!row.progress) return undefined;
  const { progress, total, message } = row.progress;
  const amount = total ? `${Math.round((progress / total) * 100)} %` : String(progress);
  return message === undefined ? amount : `${amount} ${message}`;
}

/** Open runs, with why they do not run. */
export function openRunsTable(rows: readonly RunRow[], now: number): string {
  return textTable(
    ['id', 'state', 'tool', 'mount', 'host', 'since', 'progress', 'waiting for', 'what', 'by', 'server'],
    rows.map((row) => [
      row.id,
      row.state,
      row.tool,
      row.mount,
      hosts(row),
      ago(row.startedAt ?? row.createdAt, now),
      share(row),
      row.waitingFor,
      row.summary,
      row.principal,
      row.server,
    ]),
  );
}

/** Ended runs, with why they failed. */
export function endedRunsTable(rows: readonly RunRow[], now: number): string {
  return textTable(
    ['id', 'state', 'tool', 'mount', 'host', 'ended', 'took', 'what', 'why', 'by', 'server'],
    rows.map((row) => [
      row.id,
      row.state,
      row.tool,
      row.mount,
      hosts(row),
      row.endedAt === undefined ? undefined : ago(row.endedAt, now),
      row.durationMs === undefined ? undefined : formatDuration(row.durationMs),
      row.summary,
      row.code === undefined ? undefined : `${row.code}: ${row.reason}`,
      row.principal,
      row.server,
    ]),
  );
}
