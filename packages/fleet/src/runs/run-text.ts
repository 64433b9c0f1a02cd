import { fenceRemote, formatDuration } from '@flotilla/core';
import { textTable } from '../text/table.ts';
import { ago } from '../text/time.ts';
import type { RunDetail } from './run-detail.ts';

const MAX_STEPS = 30;

function headline(run: RunDetail, now: number): string {
  const where =
    run.hosts.length === 0
      ? ''
      : ` on ${run.hosts.length > 5 ? `${run.hosts.length} hosts` : run.hosts.join(', ')}`;
  const since = run.endedAt ?? run.startedAt ?? run.createdAt;
  const took = run.ended && run.durationMs !== undefined ? ` after ${formatDuration(run.durationMs)}` : '';
  return `${run.id}: ${run.tool}${where} ${run.state}${took}, ${ago(since, now)}`;
}

function ending(step: RunDetail['steps'][number]): string | undefined {
  if (step.signal) return `signal ${step.signal}`;
  if (typeof step.exitCode === 'number') return `exit ${step.exitCode}`;
  return step.code === undefined ? undefined : `${step.code}: ${step.reason}`;
}

/** Steps that are not well first: they are what the reader looks for. */
function stepTable(run: RunDetail): string {
  const well = (step: RunDetail['steps'][number]): boolean => step.state === 'succeeded';
  const sorted = [...run.steps.filter((step) => !well(step)), ...run.steps.filter(well)];
  const table = textTable(
    ['host', 'step', 'state', 'ended with', 'took', 'attempt', 'note'],
    sorted
      .slice(0, MAX_STEPS)
      .map((step) => [
        step.alias,
        step.key,
        step.state,
        ending(step),
        step.durationMs === undefined ? undefined : formatDuration(step.durationMs),
        step.attempt > 1 ? String(step.attempt) : undefined,
        step.note,
      ]),
  );
  return sorted.length > MAX_STEPS ? `${table}\n… and ${sorted.length - MAX_STEPS} more steps` : table;
}

/** Everything a model or a person needs to decide what to do with this run. */
export function runText(run: RunDetail, now: number): string {
  const parts = [headline(run, now), run.summary];
  if (run.progress) {
    const { progress, total, message } = run.progress;
    parts.push(`Progress: ${progress}${total ? ` of ${total}` : ''}${message ? `, ${message}` : ''}`);
  }
  if (run.code !== undefined) parts.push(`${run.code}: ${run.reason}${run.hint ? `\n${run.hint}` : ''}`);
  if (run.steps.length > 1 || run.steps.some((step) => step.state !== 'succeeded' || step.note))
    parts.push(stepTable(run));
  const exit = run.steps.length === 1 ? run.steps[0] : undefined;
  if (exit && ending(exit) !== undefined && exit.state === 'succeeded')
    parts.push(`Ended with ${ending(exit)}`);
  if (run.tail.trim() !== '')
    parts.push(fenceRemote(run.tail, run.ended ? 'last lines of output' : 'output so far'));
  if (run.tail.trim() === '' && run.output) parts.push(JSON.stringify(run.output, null, 1));
  parts.push(run.next);
  return parts.join('\n');
}
