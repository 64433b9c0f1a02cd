/** One process as /proc tells it, see proc(5). */
export interface ProcessRow {
  pid: number;
  ppid: number;
  user: string;
  state: string;
  /** Share of one core since the process started. */
  cpuPercent: number;
  memoryBytes: number;
  elapsedSeconds: number;
  /** Clock ticks after boot: with the pid, the identity of a process. Pass it to process_kill. */
  startTime: number;
  command: string;
  ports?: number[];
}

const MAX_PROCESSES = 100_000;

/** Splits the output of the listing script at its `@@name` lines. */
export function readSections(stdout: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  for (const part of stdout.split(/^@@/m).slice(1)) {
    const end = part.indexOf('\n');
    sections.set(part.slice(0, end), part.slice(end + 1));
  }
  return sections;
}

/** Every number comes from the host and is bounded; lines that do not parse are left out. */
export function parseProcesses(sections: ReadonlyMap<string, string>): ProcessRow[] {
  const ticks = bounded(sections.get('ticks')?.trim(), 1, 10_000) ?? 100;
  const pageSize = bounded(sections.get('page')?.trim(), 512, 1_048_576) ?? 4096;
  const uptime = bounded(sections.get('uptime')?.split(' ')[0], 0, 1e10) ?? 0;
  const owners = parseOwners(sections.get('owners') ?? '');
  const commands = parseCommands(sections.get('cmdline') ?? '');
  const rows: ProcessRow[] = [];
  for (const line of (sections.get('stat') ?? '').split('\n').slice(0, MAX_PROCESSES)) {
    const row = parseStat(line, { ticks, pageSize, uptime });
    if (!row) continue;
    rows.push({
      ...row,
      user: owners.get(row.pid) ?? '?',
      command: commands.get(row.pid) || `[${row.command}]`,
    });
  }
  return rows;
}

interface Units {
  ticks: number;
  pageSize: number;
  uptime: number;
}

function parseStat(line: string, units: Units): ProcessRow | undefined {
  const match = /^(\d{1,10}) \((.*)\) (\S) (.+)$/s.exec(line);
  if (!match) return undefined;
  const [, pid, name, state, rest] = match;
  const fields = (rest ?? '').split(' ').map(Number);
  const [ppid, utime, stime, startTime, rss] = [fields[0], fields[10], fields[11], fields[18], fields[20]];
  if (
    ppid === undefined ||
    utime === undefined ||
    stime === undefined ||
    startTime === undefined ||
    rss === undefined
  ) {
    return undefined;
  }
  if (![ppid, utime, stime, startTime, rss].every((value) => Number.isFinite(value) && value >= 0))
    return undefined;
  const elapsedSeconds = Math.max(0, units.uptime - startTime / units.ticks);
  const cpuSeconds = (utime + stime) / units.ticks;
  return {
    pid: Number(pid),
    ppid,
    user: '?',
    state: state ?? '?',
    cpuPercent: elapsedSeconds > 0 ? Math.round((cpuSeconds / elapsedSeconds) * 1000) / 10 : 0,
    memoryBytes: rss * units.pageSize,
    elapsedSeconds: Math.round(elapsedSeconds),
    startTime,
    command: name ?? '',
  };
}

function parseOwners(text: string): Map<number, string> {
  const owners = new Map<number, string>();
  for (const line of text.split('\n')) {
    const match = /^\S+\s+\d+\s+(\S{1,64})\s.*\/proc\/(\d+)$/.exec(line);
    if (match) owners.set(Number(match[2]), match[1] ?? '?');
  }
  return owners;
}

function parseCommands(text: string): Map<number, string> {
  const commands = new Map<number, string>();
  for (const part of text.split(/^==> \/proc\//m).slice(1)) {
    const match = /^(\d+)\/cmdline <==\n([\s\S]*)$/.exec(part);
    if (match) commands.set(Number(match[1]), (match[2] ?? '').replace(/[\0\s]+/g, ' ').trim());
  }
  return commands;
}

/** Listening and connected TCP/UDP sockets: port → inode, from /proc/net/*, then inode → pids from the fd links. */
export function portsByPid(sections: ReadonlyMap<string, string>): Map<number, number[]> {
  const portOf = new Map<string, number>();
  for (const line of (sections.get('sockets') ?? '').split('\n')) {
    const fields = line.trim().split(/\s+/);
    const port = Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
    if (fields[9] && port > 0 && port < 65_536 && (fields[3] === '0A' || fields[3] === '07'))
      portOf.set(fields[9], port);
  }
  const ports = new Map<number, number[]>();
  for (const part of (sections.get('fds') ?? '').split(/^\/proc\//m)) {
    const pid = Number(/^(\d+)\/fd:/.exec(part)?.[1]);
    if (!Number.isInteger(pid)) continue;
    const found = [...part.matchAll(/socket:\[(\d+)\]/g)].flatMap(
      ([, inode]) => portOf.get(inode ?? '') ?? [],
    );
    if (found.length > 0)
      ports.set(
        pid,
        [...new Set(found)].sort((a, b) => a - b),
      );
  }
  return ports;
}

function bounded(text: string | undefined, min: number, max: number): number | undefined {
  const value = Number(text);
  return text && Number.isFinite(value) && value >= min && value <= max ? value : undefined;
}
