import { type FailedHostRow, fenceRemote, formatBytes } from '@flotilla/core';
import { failedText } from '../host/failed.ts';
import { counted, relative } from '../host/words.ts';
import { isProblem, type ServiceRow, type TimerRow } from './rows.ts';

interface Row {
  alias: string;
  state: string;
  error?: FailedHostRow['error'] | undefined;
  problems?: number | undefined;
  running?: number | undefined;
  services?: readonly ServiceRow[] | undefined;
  leftOut?: number | undefined;
  timers?: readonly TimerRow[] | undefined;
  notes?: readonly string[] | undefined;
}

/** Hosts with problems first; what runs well in one line per kind. */
export function renderServices(rows: readonly Row[], now: number): string {
  const bad = rows.filter(({ problems = 0, state }) => problems > 0 || state !== 'ok').length;
  const finding =
    bad === 0
      ? `Nothing failed on ${counted(rows.length, 'host')}.`
      : `Problems on ${bad} of ${counted(rows.length, 'host')}.`;
  const worst = [...rows].sort((a, b) => (b.problems ?? 1e6) - (a.problems ?? 1e6));
  return [finding, ...worst.map((row) => hostText(row, now))].join('\n\n');
}

function hostText(row: Row, now: number): string {
  if (row.state !== 'ok' || !row.services) return failedText(row);
  const lines = row.services.filter(isProblem).map((service) => problemText(service, now));
  for (const kind of ['systemd', 'docker', 'pm2'] as const) {
    const well = row.services.filter((service) => service.kind === kind && !isProblem(service));
    if (well.length > 0) lines.push(`${kind}: ${well.map(wellText).join(', ')}`);
  }
  for (const timer of row.timers ?? []) lines.push(timerText(timer, now));
  const head = `${row.alias}: ${counted(row.problems ?? 0, 'problem')}, ${row.running} running${row.leftOut ? `, ${row.leftOut} more not shown (raise limit)` : ''}`;
  const notes = (row.notes ?? []).map((note) => `note: ${note}`);
  return `${head}\n${fenceRemote([...lines, ...notes].join('\n'), `services of ${row.alias}`)}`;
}

function problemText(service: ServiceRow, now: number): string {
  const facts = [
    service.status,
    service.result && `result ${service.result}`,
    service.exitCode !== undefined && `exit code ${service.exitCode}`,
    service.signal !== undefined && `signal ${service.signal}`,
    service.restarts && `${service.restarts} restarts`,
    service.since && relative(service.since, now),
  ].filter(Boolean);
  const said = (service.lastLines ?? []).map((line) => `\n    ${line}`).join('');
  return `${service.health.toUpperCase()} ${service.kind} ${service.name}${ofUser(service)}: ${facts.join(', ')}${said}`;
}

/** A PM2 app is named well enough without. */
const ofUser = ({ kind, owner }: Pick<ServiceRow, 'kind' | 'owner'>): string =>
  kind === 'systemd' && owner !== undefined ? ` of ${owner}` : '';

const wellText = ({ name, health, memoryBytes, restarts, ...row }: ServiceRow): string => {
  const more = [
    memoryBytes !== undefined && formatBytes(memoryBytes),
    restarts && `${restarts} restarts`,
  ].filter(Boolean);
  return `${name}${ofUser(row)}${health === 'inactive' ? ' (inactive)' : ''}${more.length > 0 ? ` (${more.join(', ')})` : ''}`;
};

function timerText({ name, owner, runs, failed, last, next }: TimerRow, now: number): string {
  const times = [
    last ? `last ${relative(last, now)}` : 'never run',
    next ? `next ${relative(next, now)}` : 'no next run',
  ];
  return `timer ${name}${owner === undefined ? '' : ` of ${owner}`} → ${runs}: ${failed ? 'LAST RUN FAILED, ' : ''}${times.join(', ')}`;
}
