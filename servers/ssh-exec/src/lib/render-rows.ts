import type { ExecRow } from './exec-rows.ts';

/** Text for clients that show nothing else: the finding first, then each distinct output once. */
export function renderRows(rows: readonly ExecRow[]): string {
  const [only] = rows;
  if (rows.length === 1 && only) return renderOne(only);
  const groups = new Map<string, ExecRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([
      row.state,
      row.exitCode,
      row.signal,
      row.stdout,
      row.stderr,
      row.error?.code,
      row.error?.message,
    ]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const largestFirst = [...groups.values()].sort((a, b) => b.length - a.length);
  const sections = largestFirst.map((group) => {
    const [first] = group;
    if (!first) return '';
    return `== ${names(group)} (${group.length}): ${ending(first)}\n${output(first)}`.trimEnd();
  });
  return [countStates(rows), ...sections].join('\n\n');
}

function renderOne(row: ExecRow): string {
  return `${row.alias}: ${ending(row)}\n${output(row)}`.trimEnd();
}

function ending(row: ExecRow): string {
  if (row.error) return `${row.error.code}: ${row.error.message}`;
  const duration = row.durationMs === undefined ? '' : ` in ${seconds(row.durationMs)}`;
  if (row.state === 'timed_out') return `timed out${duration}`;
  if (row.signal) return `ended by signal ${row.signal}${duration}`;
  if (row.exitCode !== undefined && row.exitCode !== null) return `exit ${row.exitCode}${duration}`;
  return row.state;
}

function output(row: ExecRow): string {
  const parts = [row.stdout ?? ''];
  if (row.stderr) parts.push(`[stderr]\n${row.stderr}`);
  if (row.truncated && row.runId) parts.push(`[cut here; the whole output: task_output id=${row.runId}]`);
  for (const note of row.notes ?? []) parts.push(`[${note}]`);
  return parts.filter((part) => part !== '').join('\n');
}

function countStates(rows: readonly ExecRow[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
  return `${rows.length} hosts: ${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}`;
}

function names(rows: readonly ExecRow[]): string {
  const shown = rows.slice(0, 8).map((row) => row.alias);
  return rows.length > shown.length
    ? `${shown.join(', ')} and ${rows.length - shown.length} more`
    : shown.join(', ');
}

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
