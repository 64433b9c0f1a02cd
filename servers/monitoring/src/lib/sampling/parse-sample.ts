import { bounded } from '../host/numbers.ts';
import { readFiles, type Section, sectionMap } from '../host/sections.ts';
import { parseContainers, parseNames } from './parse-containers.ts';
import { parseFilesystems } from './parse-df.ts';
import {
  parseConntrack,
  parseDisks,
  parseFileHandles,
  parseLoad,
  parseMeminfo,
  parseNetworks,
  parsePressure,
  parseSockets,
  parseStat,
} from './parse-proc.ts';
import type { Reading } from './reading.ts';

/** A look at a host, or undefined when what came is no such thing. Whatever a host says, this returns soon. */
export function parseSample(printed: readonly Section[]): Reading | undefined {
  const sections = sectionMap(printed);
  const files = readFiles(sections.get('files'));
  const uptimeSeconds = bounded(files.get('/proc/uptime')?.split(' ')[0], 0, 1e10);
  const stat = parseStat(sections.get('stat'));
  if (uptimeSeconds === undefined || stat.cpus.length === 0) return undefined;
  const names = new Map(parseNames(sections.get('names')).map((one) => [one.id, one]));
  return {
    bootId: /^[0-9a-f-]{36}/.exec(files.get('/proc/sys/kernel/random/boot_id') ?? '')?.[0] ?? '',
    uptimeSeconds,
    ...stat,
    load: parseLoad(files.get('/proc/loadavg')),
    memory: parseMeminfo(files.get('/proc/meminfo')),
    filesystems: parseFilesystems(sections.get('df'), sections.get('inodes')),
    disks: parseDisks(files.get('/proc/diskstats')),
    networks: parseNetworks(files.get('/proc/net/dev')),
    pressure: parsePressure(files),
    sockets: parseSockets(files),
    ...parseConntrack(files),
    ...parseFileHandles(files),
    containers: parseContainers(files).map((one) => ({ ...one, ...names.get(one.id) })),
  };
}
