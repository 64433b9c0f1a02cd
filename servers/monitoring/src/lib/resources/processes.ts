import { visibleControls } from '@flotilla/core';
import { bounded } from '../host/numbers.ts';
import { labelOf, lines } from '../host/words.ts';

/** What one process used between two looks. */
export interface ProcessUse {
  pid: number;
  user: string;
  /** Share of one core, since the first look. */
  cpuPercent: number;
  memoryBytes: number;
  command: string;
}

const MAX_PROCESSES = 50_000;
const TICKS = 100;

interface Stat {
  pid: number;
  name: string;
  ticks: number;
  pages: number;
  startTime: number;
}

/** One line of /proc/PID/stat, see proc(5); the name may hold anything, also brackets. */
function parseStat(line: string): Stat | undefined {
  const [, pid, name = '', rest = ''] = /^(\d{1,10}) \((.*)\) (.+)$/s.exec(line) ?? [];
  const fields = rest.split(' ');
  const [utime, stime, startTime, pages] = [11, 12, 19, 21].map((index) => bounded(fields[index]));
  if (!pid || utime === undefined || stime === undefined || startTime === undefined || pages === undefined)
    return undefined;
  return { pid: Number(pid), name, ticks: utime + stime, pages, startTime };
}

const stats = (text: string | undefined): Stat[] =>
  lines(text, MAX_PROCESSES).flatMap((line) => parseStat(line) ?? []);

export function processUse(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
  seconds: number,
): ProcessUse[] {
  const earlier = new Map(stats(before.get('processes')).map((one) => [one.pid, one]));
  const page = bounded(now.get('page')?.trim(), 0, 1_048_576) ?? 4096;
  const owners = parseOwners(now.get('owners'));
  const commands = parseCommands(now.get('commands'));
  return stats(now.get('processes')).map((one) => {
    const from = earlier.get(one.pid);
    const same = from?.startTime === one.startTime;
    const ticks = Math.max(0, one.ticks - (same && from ? from.ticks : 0));
    return {
      pid: one.pid,
      user: owners.get(one.pid) ?? '?',
      cpuPercent: seconds > 0 ? Math.round((1000 * ticks) / TICKS / seconds) / 10 : 0,
      memoryBytes: one.pages * page,
      command: visibleControls(commands.get(one.pid) || `[${one.name}]`).slice(0, 200),
    };
  });
}

function parseOwners(text: string | undefined): Map<number, string> {
  const found = lines(text, MAX_PROCESSES).flatMap((line): [number, string][] => {
    const [, user, pid] = /^\S+\s+\d+\s+(\S{1,64})\s.*\/proc\/(\d{1,10})$/.exec(line) ?? [];
    return user && pid ? [[Number(pid), labelOf(user)]] : [];
  });
  return new Map(found);
}

function parseCommands(text: string | undefined): Map<number, string> {
  const found = (text ?? '').split(/^==> \/proc\//m).flatMap((part): [number, string][] => {
    const [, pid, command = ''] = /^(\d{1,10})\/cmdline <==\n([\s\S]*)$/.exec(part) ?? [];
    return pid ? [[Number(pid), command.replace(/[\0\s]+/g, ' ').trim()]] : [];
  });
  return new Map(found);
}

/** The largest ones that use anything at all. */
export const topBy = (
  processes: readonly ProcessUse[],
  by: 'cpuPercent' | 'memoryBytes',
  limit: number,
): ProcessUse[] =>
  processes
    .filter((one) => one[by] > 0)
    .sort((a, b) => b[by] - a[by])
    .slice(0, limit);
