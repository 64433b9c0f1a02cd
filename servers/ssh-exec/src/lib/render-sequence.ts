import type { SequenceRow } from '../tools/task-exec-sequence.ts';
import { oneLine } from './one-line.ts';

export function renderSequence(rows: readonly SequenceRow[]): string {
  return rows.map(renderHost).join('\n\n');
}

function renderHost(row: SequenceRow): string {
  if (row.error) return `${row.alias}: ${row.error.code}: ${row.error.message}`;
  const steps = row.steps ?? [];
  const ok = steps.filter((step) => step.state === 'ok').length;
  const lines = [`${row.alias}: ${ok} of ${steps.length} commands ok`];
  for (const step of steps) {
    lines.push(
      `[${step.index + 1}] ${oneLine(step.command)}: ${step.state}${step.exitCode === null ? '' : `, exit ${step.exitCode}`}`,
    );
    if (step.stdout) lines.push(step.stdout.trimEnd());
    if (step.stderr) lines.push(`[stderr]\n${step.stderr.trimEnd()}`);
  }
  if (row.truncated && row.runId) lines.push(`[cut here; the whole output: task_output id=${row.runId}]`);
  return lines.join('\n');
}
