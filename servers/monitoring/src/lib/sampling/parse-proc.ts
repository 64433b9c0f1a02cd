import { bounded } from '../host/numbers.ts';
import { labelOf, lines } from '../host/words.ts';
import { CPU_MODES, type CpuTimes, type Disk, type Network, type Reading } from './reading.ts';

/** USER_HZ is 100 on every Linux that has sshd; the kernel scales to it whatever its own tick is. */
const TICKS = 100;
const SECTOR = 512;
const MAX_LINES = 2_000;
const MAX_DEVICES = 200;

const numbers = (fields: readonly string[]): number[] => fields.map((field) => bounded(field) ?? 0);

/** cpu, btime and procs_ lines of /proc/stat. */
export function parseStat(
  text: string | undefined,
): Pick<Reading, 'cpus' | 'bootTime' | 'procsRunning' | 'procsBlocked'> {
  const cpus: CpuTimes[] = [];
  const single = new Map<string, number>();
  for (const line of lines(text, MAX_LINES)) {
    const [name = '', ...fields] = line.split(/\s+/);
    if (/^cpu\d+$/.test(name)) {
      const seconds = numbers(fields).map((ticks) => ticks / TICKS);
      cpus.push(Object.fromEntries(CPU_MODES.map((mode, index) => [mode, seconds[index] ?? 0])) as CpuTimes);
    } else {
      single.set(name, bounded(fields[0]) ?? 0);
    }
  }
  return {
    cpus,
    bootTime: single.get('btime') ?? 0,
    procsRunning: single.get('procs_running') ?? 0,
    procsBlocked: single.get('procs_blocked') ?? 0,
  };
}

/** /proc/meminfo in bytes; `Active(anon)` becomes `Active_anon`. */
export function parseMeminfo(text: string | undefined): Record<string, number> {
  const memory: Record<string, number> = {};
  for (const line of lines(text, 100)) {
    const [, name, value, unit] = /^([A-Za-z0-9_()]{1,40}):\s+(\d{1,16})( kB)?$/.exec(line) ?? [];
    if (name && value) memory[name.replace('(', '_').replace(')', '')] = Number(value) * (unit ? 1024 : 1);
  }
  return memory;
}

export function parseLoad(text: string | undefined): [number, number, number] {
  const [one, five, fifteen] = numbers((text ?? '').trim().split(' ').slice(0, 3));
  return [one ?? 0, five ?? 0, fifteen ?? 0];
}

/** /proc/net/dev. */
export function parseNetworks(text: string | undefined): Network[] {
  return lines(text, MAX_LINES)
    .flatMap((line) => {
      const [, device, rest] = /^(\S{1,32}):\s*(.+)$/.exec(line) ?? [];
      const fields = numbers((rest ?? '').split(/\s+/));
      if (!device || fields.length < 16) return [];
      const [receiveBytes = 0, receivePackets = 0, receiveErrors = 0, receiveDrops = 0] = fields;
      const [transmitBytes = 0, transmitPackets = 0, transmitErrors = 0, transmitDrops = 0] = fields.slice(8);
      const receive = { receiveBytes, receivePackets, receiveErrors, receiveDrops };
      const transmit = { transmitBytes, transmitPackets, transmitErrors, transmitDrops };
      return [{ device: labelOf(device), ...receive, ...transmit }];
    })
    .slice(0, MAX_DEVICES);
}

/** Whole disks of /proc/diskstats: no partitions, loops or RAM disks, as node_exporter has it. */
const IGNORED_DISKS = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;

export function parseDisks(text: string | undefined): Disk[] {
  return lines(text, MAX_LINES)
    .flatMap((line) => {
      const [, , device, ...rest] = line.split(/\s+/);
      const fields = numbers(rest);
      if (!device || fields.length < 11 || IGNORED_DISKS.test(device)) return [];
      const [readsCompleted = 0, , readSectors = 0, readMs = 0] = fields;
      const [writesCompleted = 0, , writtenSectors = 0, writeMs = 0, , ioMs = 0, weightedMs = 0] =
        fields.slice(4);
      return [
        {
          device: labelOf(device),
          readsCompleted,
          readBytes: readSectors * SECTOR,
          readSeconds: readMs / 1000,
          writesCompleted,
          writtenBytes: writtenSectors * SECTOR,
          writeSeconds: writeMs / 1000,
          ioSeconds: ioMs / 1000,
          weightedSeconds: weightedMs / 1000,
        },
      ];
    })
    .slice(0, MAX_DEVICES);
}

/** /proc/pressure/*: total stall times, named as node_exporter names them. */
export function parsePressure(files: ReadonlyMap<string, string>): Record<string, number> {
  const stalled: Record<string, number> = {};
  for (const resource of ['cpu', 'io', 'memory']) {
    for (const line of lines(files.get(`/proc/pressure/${resource}`), 4)) {
      const [, kind, micros] = /^(some|full) .*total=(\d{1,20})$/.exec(line) ?? [];
      if (!kind || !micros || (resource === 'cpu' && kind === 'full')) continue;
      stalled[`${resource}_${kind === 'some' ? 'waiting' : 'stalled'}`] = Number(micros) / 1e6;
    }
  }
  return stalled;
}

/** /proc/net/sockstat and sockstat6: `TCP_inuse`, `TCP6_inuse`, … */
export function parseSockets(files: ReadonlyMap<string, string>): Record<string, number> {
  const sockets: Record<string, number> = {};
  for (const path of ['/proc/net/sockstat', '/proc/net/sockstat6']) {
    for (const line of lines(files.get(path), 30)) {
      const [, protocol, rest = ''] = /^([A-Za-z0-9]{1,16}): (.+)$/.exec(line) ?? [];
      if (!protocol) continue;
      for (const [, key = '', value] of rest.matchAll(/([a-z]{1,16}) (\d{1,16})(?: |$)/g))
        sockets[`${protocol}_${key}`] = Number(value);
    }
  }
  return sockets;
}

export function parseConntrack(files: ReadonlyMap<string, string>): Pick<Reading, 'conntrack'> {
  const entries = bounded(files.get('/proc/sys/net/netfilter/nf_conntrack_count')?.trim());
  const limit = bounded(files.get('/proc/sys/net/netfilter/nf_conntrack_max')?.trim());
  return entries === undefined || limit === undefined ? {} : { conntrack: { entries, limit } };
}

export function parseFileHandles(files: ReadonlyMap<string, string>): Pick<Reading, 'files'> {
  const [allocated, , maximum] = (files.get('/proc/sys/fs/file-nr') ?? '').trim().split(/\s+/);
  const found = { allocated: bounded(allocated), maximum: bounded(maximum, 0, 1e19) };
  if (found.allocated === undefined || found.maximum === undefined) return {};
  return { files: { allocated: found.allocated, maximum: found.maximum } };
}
