import { bounded, isoTime } from '../host/numbers.ts';
import { type Section, sectionText } from '../host/sections.ts';
import { hostWord } from '../host/words.ts';
import type { ServiceRow, TimerRow } from './rows.ts';
import { parseSpan, parseTimestamp } from './systemd-time.ts';

const MAX_UNITS = 2000;

export interface SystemdUnits {
  services: ServiceRow[];
  timers: TimerRow[];
}

type Properties = Record<string, string>;

/** Units that exist: those of the system, then those of users. */
export function parseUnits(sections: readonly Section[]): SystemdUnits {
  const bootMs = (bounded(/btime (\d+)/.exec(sectionText(sections, 'boot'))?.[1]) ?? 0) * 1000;
  const journals = new Map(
    sections.filter(({ name }) => name === 'journal').map(({ label, text }) => [label, text]),
  );
  const managers = sections
    .filter(({ name }) => name === 'units')
    .map(({ label, text }) => unitsOf(text, label, journals, bootMs));
  return {
    services: managers.flatMap(({ services }) => services),
    timers: managers.flatMap(({ timers }) => timers),
  };
}

/** Of one manager: the system's when `owner` is empty. */
function unitsOf(
  text: string,
  owner: string,
  journals: ReadonlyMap<string, string>,
  bootMs: number,
): SystemdUnits {
  const units = new Map<string, Properties>();
  for (const block of text.split(/\n\n+/).slice(0, MAX_UNITS)) {
    const unit = propertiesOf(block);
    if (unit['Id'] && unit['LoadState'] !== 'not-found') units.set(unit['Id'], unit);
  }
  const all = [...units.values()];
  const of = owner === '' ? {} : { owner: hostWord(owner, 40) };
  const journal = (id = ''): string | undefined => journals.get(owner === '' ? id : `${owner} ${id}`);
  return {
    services: all
      .filter((unit) => !unit['Id']?.endsWith('.timer') || unit['ActiveState'] === 'failed')
      .map((unit) => ({ ...serviceRow(unit, journal(unit['Id'])), ...of })),
    timers: all
      .filter((unit) => unit['Id']?.endsWith('.timer'))
      .map((unit) => ({ ...timerRow(unit, units.get(unit['Unit'] ?? ''), bootMs), ...of })),
  };
}

function propertiesOf(block: string): Properties {
  const properties: Properties = Object.create(null);
  for (const line of block.split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) properties[line.slice(0, at)] = line.slice(at + 1);
  }
  return properties;
}

function serviceRow(unit: Properties, journal: string | undefined): ServiceRow {
  const active = unit['ActiveState'] ?? '';
  const failed = active === 'failed';
  const restarting = unit['SubState'] === 'auto-restart';
  const code = bounded(unit['ExecMainStatus'], 0, 255);
  const restarts = bounded(unit['NRestarts'], 0, 1e9);
  const since = isoTime(parseTimestamp(unit['StateChangeTimestamp'] ?? ''));
  const lines = (journal ?? '').split('\n').filter((line) => line.trim() !== '');
  return {
    kind: 'systemd',
    name: hostWord(unit['Id']),
    status: hostWord(`${active} (${unit['SubState'] ?? ''})`, 60),
    health: failed ? 'failed' : restarting ? 'restarting' : active === 'active' ? 'ok' : 'inactive',
    ...(unit['Description'] && { description: hostWord(unit['Description'], 120) }),
    ...((failed || restarting) && unit['Result'] && { result: hostWord(unit['Result'], 40) }),
    ...((failed || restarting) && code !== undefined && exit(unit['ExecMainCode'], code)),
    ...(restarts !== undefined && restarts > 0 && { restarts }),
    ...(since !== undefined && { since }),
    ...(unit['UnitFileState'] && { enabled: hostWord(unit['UnitFileState'], 30) }),
    ...(lines.length > 0 && { lastLines: lines.slice(-6).map((line) => hostWord(line, 300)) }),
  };
}

/** ExecMainCode is a CLD_ value of sigaction(2): 1 exited, 2 killed, 3 dumped. */
const exit = (code: string | undefined, status: number): Pick<ServiceRow, 'exitCode' | 'signal'> =>
  code === '2' || code === '3' ? { signal: status } : { exitCode: status };

function timerRow(unit: Properties, service: Properties | undefined, bootMs: number): TimerRow {
  const monotonic = parseSpan(unit['NextElapseUSecMonotonic'] ?? '');
  const elapses = [
    parseTimestamp(unit['NextElapseUSecRealtime'] ?? ''),
    monotonic !== undefined && monotonic > 0 && bootMs > 0 ? bootMs + monotonic / 1000 : undefined,
  ].filter((time): time is number => time !== undefined);
  const next = elapses.length > 0 ? isoTime(Math.min(...elapses)) : undefined;
  const last = isoTime(parseTimestamp(unit['LastTriggerUSec'] ?? ''));
  const failed = service?.['ActiveState'] === 'failed' || unit['ActiveState'] === 'failed';
  return {
    name: hostWord(unit['Id']),
    runs: hostWord(unit['Unit']),
    active: unit['ActiveState'] === 'active',
    failed,
    ...(last !== undefined && { last }),
    ...(next !== undefined && { next }),
  };
}
