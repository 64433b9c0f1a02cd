import { formatBytes, visibleControls } from '@flotilla/core';
import { counted } from '../host/words.ts';
import type { Report } from './report.ts';

const cell = (text: string): string =>
  visibleControls(text).replaceAll('|', '\\|').replace(/\s+/g, ' ').slice(0, 300);

/** The report for a person: markdown, the finding first. */
export function renderReport(report: Report): string {
  const { alerts, risks, changes, hosts, consumers, checks, notices, period } = report;
  const still = alerts.filter((one) => one.still).length;
  const head = [
    `# ${period === 'daily' ? 'Daily' : 'Weekly'} report, ${report.from} to ${report.to}`,
    `${counted(hosts.length, 'host')}: ${counted(still, 'alert')} firing now, ${counted(alerts.length, 'alert')} in the period, ${counted(risks.length, 'thing')} at risk, ${counted(changes.length, 'kind')} of change.`,
  ];
  return [
    ...head,
    ...section(
      'Alerts',
      alerts,
      (one) =>
        `- ${one.still ? '**firing** ' : ''}${one.severity} ${one.alert}${one.alias ? ` on ${one.alias}` : ''}: ${one.times} times, ${one.firingMinutes} min; ${cell(one.summary)}${one.cause ? ` Cause: ${cell(one.cause)}` : ''}`,
      'No alert fired.',
    ),
    ...section(
      'At risk',
      risks,
      (one) => `- ${one.alias ? `${one.alias}: ` : ''}${cell(one.what)}`,
      'Nothing fills up within a month, no check is down, no unit has failed.',
    ),
    ...section(
      'What changed',
      changes,
      (one) =>
        `- ${one.tool}${one.alias ? ` on ${one.alias}` : ''}: ${one.calls} times${one.failed > 0 ? `, ${one.failed} failed` : ''}, by ${one.by.join(', ')}, last ${one.last}`,
      'Nothing was changed through Flotilla.',
    ),
    ...table(
      'Hosts',
      ['host', 'up %', 'cpu %', 'memory %', 'fullest disk %', 'looks missed'],
      hosts.map((one) => [
        one.alias,
        one.upPercent,
        one.cpuPercent,
        one.memoryPercent,
        one.diskPercent,
        one.missedLooks,
      ]),
    ),
    ...table(
      'Containers that used most',
      ['container', 'host', 'cores', 'memory'],
      consumers.map((one) => [one.container, one.alias, one.cpuCores, formatBytes(one.memoryBytes)]),
    ),
    ...table(
      'Checks',
      ['check', 'now', 'up %'],
      checks.map((one) => [one.name, one.status, one.upPercent]),
    ),
    ...(notices.length > 0 ? ['## Notices', notices.map((text) => `- ${cell(text)}`).join('\n')] : []),
    ...(report.leftOut.length > 0 ? [`Not shown: ${report.leftOut.join(', ')}.`] : []),
  ].join('\n\n');
}

const section = <T>(
  title: string,
  items: readonly T[],
  line: (item: T) => string,
  none: string,
): string[] => [`## ${title}`, items.length === 0 ? none : items.map(line).join('\n')];

function table(
  title: string,
  columns: readonly string[],
  rows: readonly (string | number | undefined)[][],
): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly (string | number | undefined)[]): string =>
    `| ${cells.map((one) => cell(String(one ?? '?'))).join(' | ')} |`;
  return [
    `## ${title}`,
    [line(columns), `|${columns.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n'),
  ];
}
