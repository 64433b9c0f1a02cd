import { bounded } from '../host/numbers.ts';
import { labelOf, lines } from '../host/words.ts';
import type { Filesystem } from './reading.ts';

const MAX_FILESYSTEMS = 200;

/** What node_exporter leaves out by default, but the root of a host that is itself a container. */
const IGNORED_TYPES =
  /^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$/;
const IGNORED_MOUNTS =
  /^\/(dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)($|\/)/;

const row = /^(\S+) +(?:(\S+) +)??(\d+|-) +(\d+|-) +(-?\d+|-) +(\d+%|-) (\/.*)$/;

/** `df -PkT` beside `df -Pi`; the type is unknown where df does not know -T. A device that is mounted twice counts once. */
export function parseFilesystems(df: string | undefined, inodes: string | undefined): Filesystem[] {
  const files = new Map<string, { files: number; filesFree: number }>();
  for (const line of lines(inodes, 2_000)) {
    const [, , , total, , free, , mountpoint] = row.exec(line) ?? [];
    const [count, left] = [bounded(total), bounded(free)];
    if (mountpoint && count && left !== undefined) files.set(mountpoint, { files: count, filesFree: left });
  }
  const found = new Map<string, Filesystem>();
  for (const line of lines(df, 2_000)) {
    const one = parseRow(line);
    if (!one) continue;
    const key = one.device.startsWith('/') ? one.device : one.mountpoint;
    const known = found.get(key);
    if (known && known.mountpoint.length <= one.mountpoint.length) continue;
    found.set(key, { ...one, mountpoint: labelOf(one.mountpoint), ...files.get(one.mountpoint) });
  }
  return [...found.values()].sort((a, b) => (a.mountpoint < b.mountpoint ? -1 : 1)).slice(0, MAX_FILESYSTEMS);
}

function parseRow(line: string): Filesystem | undefined {
  const [, device = '', type = 'unknown', size, used, available, , mountpoint = ''] = row.exec(line) ?? [];
  const [kilobytes, usedKilobytes] = [bounded(size), bounded(used)];
  if (!kilobytes || usedKilobytes === undefined || mountpoint.length > 300) return undefined;
  if (mountpoint !== '/' && (IGNORED_TYPES.test(type) || IGNORED_MOUNTS.test(mountpoint))) return undefined;
  return {
    device: labelOf(device),
    type: labelOf(type),
    mountpoint,
    sizeBytes: kilobytes * 1024,
    freeBytes: Math.max(0, kilobytes - usedKilobytes) * 1024,
    availableBytes: (bounded(available) ?? 0) * 1024,
  };
}
