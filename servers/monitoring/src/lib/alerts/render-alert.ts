import { formatBytes } from '@flotilla/core';
import { relative } from '../host/words.ts';
import type { Cause } from './cause/cause.ts';

interface Shown {
  alert: string;
  state: string;
  severity: string;
  summary: string;
  since: string;
  fingerprint: string;
  noData?: boolean | undefined;
  silencedBy?: { id: string; by: string; until: string } | undefined;
  inhibitedBy?: string | undefined;
  cause?: Cause | undefined;
}

const LINES = 5;

/** One alert with its cause, for a fence: names and lines in it are the host's. */
export function alertText(alert: Shown, now: number): string {
  const { silencedBy, inhibitedBy, cause } = alert;
  const notes = [
    alert.noData && 'no data now',
    silencedBy && `silenced by ${silencedBy.by} until ${silencedBy.until} (${silencedBy.id})`,
    inhibitedBy && `explained by ${inhibitedBy}`,
  ].filter(Boolean);
  return [
    `${alert.state.toUpperCase()} ${alert.severity} ${alert.alert}: ${alert.summary} (since ${relative(alert.since, now)}${notes.length > 0 ? `; ${notes.join('; ')}` : ''}) [${alert.fingerprint}]`,
    ...(cause ? causeText(cause, now) : []),
  ].join('\n');
}

function causeText(cause: Cause, now: number): string[] {
  const list = (name: string, items: readonly string[] | undefined): string[] =>
    items && items.length > 0 ? [`  ${name}:`, ...items.slice(0, LINES).map((item) => `    ${item}`)] : [];
  return [
    `  cause: ${cause.finding}${cause.culprit === undefined ? '' : ` Culprit: ${cause.culprit}.`}`,
    ...list(
      'growing',
      cause.growing?.map(
        (file) =>
          `${formatBytes(file.sizeBytes)} ${file.path}, written ${file.changedSecondsAgo} s before${file.container ? `, container ${file.container}` : ''}`,
      ),
    ),
    ...list(
      'folders',
      cause.folders?.map(
        (one) =>
          `${formatBytes(one.sizeBytes)} ${one.path}${one.grownBytes ? ` (+${formatBytes(one.grownBytes)})` : ''}`,
      ),
    ),
    ...list(
      'containers',
      cause.containers?.map((one) => {
        const exit = one.exitCode === undefined ? '' : `, exit code ${one.exitCode}`;
        const lines = (one.lastLines ?? []).map((line) => `\n      | ${line}`).join('');
        return `${one.name} ${one.state}, ${one.restarts} restarts${exit}${one.oomKilled ? ', out of memory' : ''}${lines}`;
      }),
    ),
    ...list('failed units', cause.failedUnits),
    ...list(
      'changes before',
      cause.changes?.map(({ at, tool, by, result }) => `${relative(at, now)} ${tool} by ${by} (${result})`),
    ),
    ...list('its last lines', cause.unitLines?.slice(-LINES)),
    ...list('error lines', cause.errorLines?.slice(-LINES)),
    ...list(
      'processes',
      cause.processes?.map(
        (one) =>
          `${one.cpuPercent} % cpu, ${one.memoryPercent} % memory: ${one.command} (pid ${one.pid}, ${one.user})`,
      ),
    ),
    ...list('notes', cause.notes),
  ];
}
