import { capText, fenceRemote, formatDuration } from '@flotilla/core';
import type { SequenceRow, SequenceStep } from '../tools/task-exec-sequence.ts';

/** Bytes of output that a text answer carries, shared by all commands on all hosts. */
const OUTPUT_BYTES = 36_000;
const MIN_BYTES = 200;

/** Hosts where something went wrong first; each command with how it ended and what it printed. */
export function renderSequence(rows: readonly SequenceRow[]): string {
  const printed = rows.flatMap((row) => row.steps ?? []).filter((step) => step.stdout || step.stderr);
  const share = Math.max(MIN_BYTES, Math.floor(OUTPUT_BYTES / Math.max(1, printed.length)));
  const well = rows.filter((row) => row.state === 'ok');
  const others = rows.filter((row) => row.state !== 'ok');
  const head = rows.length > 1 ? [`${rows.length} hosts: ${well.length} ok, ${others.length} not`] : [];
  return [...head, ...[...others, ...well].map((row) => renderHost(row, share))].join('\n\n');
}

function renderHost(row: SequenceRow, share: number): string {
  if (row.error) return `${row.alias}: ${row.error.code}: ${row.error.message}\n${row.error.hint}`;
  const steps = row.steps ?? [];
  if (steps.length === 0) return `${row.alias}: ${row.state}`;
  const ok = steps.filter((step) => step.state === 'ok').length;
  const took = row.durationMs === undefined ? '' : ` in ${formatDuration(row.durationMs)}`;
  const parts = [`${row.alias}: ${ok} of ${steps.length} commands ok${took}`];
  let cut = row.truncated === true;
  for (const step of steps) {
    parts.push(`[${step.index + 1}] ${step.command}: ${ending(step)}`);
    for (const stream of ['stdout', 'stderr'] as const) {
      if (!step[stream]) continue;
      const capped = capText(step[stream], share);
      cut ||= capped.omittedBytes > 0;
      parts.push(fenceRemote(capped.text, stream));
    }
  }
  if (cut) parts.push(`Cut; all of it: task_output {"id":"${row.runId}","alias":"${row.alias}"}`);
  return [...parts, ...(row.notes ?? []).map((note) => `Note: ${note}`)].join('\n');
}

function ending({ state, exitCode }: SequenceStep): string {
  if (state === 'timed_out') return 'timed out';
  if (state === 'not_finished') return 'did not finish';
  if (state === 'skipped') return 'not reached';
  return exitCode === null ? state : `exit ${exitCode}`;
}
