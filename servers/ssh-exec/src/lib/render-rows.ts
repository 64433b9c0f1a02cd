import { capText, fenceRemote, formatDuration } from '@flotilla/core';
import type { ExecRow } from './exec-rows.ts';

/** Bytes of output that a text answer carries, shared by its sections. */
const OUTPUT_BYTES = 36_000;
/** Sections with output; further ones only say how the command ended. */
const MAX_SECTIONS = 40;

/** Text for clients that show nothing else: the finding first, then each distinct output once. */
export function renderRows(rows: readonly ExecRow[]): string {
  const [only] = rows;
  if (rows.length === 1 && only)
    return `${only.alias}: ${ending(only)}\n${body(only, OUTPUT_BYTES)}`.trimEnd();
  const groups = groupRows(rows);
  const share = Math.floor(OUTPUT_BYTES / Math.max(1, Math.min(groups.length, MAX_SECTIONS)));
  const sections = groups.map((group, index) => {
    const [first] = group;
    if (!first) return '';
    const head = `== ${names(group)} (${group.length}): ${ending(first)}`;
    return index < MAX_SECTIONS ? `${head}\n${body(first, share)}`.trimEnd() : head;
  });
  const left = groups.length - MAX_SECTIONS;
  const rest = left > 0 ? [`… the output of the last ${left}: ${outputCall(rows[0], 'ALIAS')}`] : [];
  return [countStates(rows), ...sections, ...rest].join('\n\n');
}

/** Hosts with the same outcome together; what went wrong first, then the largest. */
function groupRows(rows: readonly ExecRow[]): ExecRow[][] {
  const groups = new Map<string, ExecRow[]>();
  for (const row of rows) {
    const { state, exitCode, signal, stdout, stderr, error } = row;
    const key = JSON.stringify([state, exitCode, signal, stdout, stderr, error?.code, generic(row)]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const well = ([first]: ExecRow[]): number => (first?.state === 'ok' || first?.state === 'planned' ? 1 : 0);
  return [...groups.values()].sort((a, b) => well(a) - well(b) || b.length - a.length);
}

/** The message of an error without the name of its host. */
const generic = ({ alias, error }: ExecRow): string | undefined => error?.message.replaceAll(alias, 'ALIAS');

function ending(row: ExecRow): string {
  if (row.error) return `${row.error.code}: ${row.error.message}`;
  const duration = row.durationMs === undefined ? '' : ` in ${formatDuration(row.durationMs)}`;
  const silent = row.stdout === '' && row.stderr === '' ? ', no output' : '';
  if (row.state === 'timed_out') return `timed out${duration}${silent}`;
  if (row.signal) return `ended by signal ${row.signal}${duration}${silent}`;
  if (row.exitCode !== undefined && row.exitCode !== null) return `exit ${row.exitCode}${duration}${silent}`;
  return row.state;
}

/** Output as data; where it was cut, the call that reads all of it. */
function body(row: ExecRow, bytes: number): string {
  if (row.error) return row.error.hint;
  const parts: string[] = [];
  let cut = row.truncated === true;
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = row[stream];
    if (!text) continue;
    const other = row[stream === 'stdout' ? 'stderr' : 'stdout']?.length ?? 0;
    const capped = capText(text, Math.max(bytes - other, Math.floor(bytes / 2)));
    cut ||= capped.omittedBytes > 0;
    parts.push(fenceRemote(capped.text, stream));
  }
  if (cut) parts.push(`Cut; all of it: ${outputCall(row, row.alias)}`);
  return [...parts, ...(row.notes ?? []).map((note) => `Note: ${note}`)].join('\n');
}

const outputCall = (row: ExecRow | undefined, alias: string): string =>
  `task_output {"id":"${row?.runId ?? ''}","alias":"${alias}"}`;

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
