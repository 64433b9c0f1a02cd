import { bounded } from '../host/numbers.ts';
import { labelOf, lines } from '../host/words.ts';
import type { Container } from './reading.ts';

const MAX_CONTAINERS = 300;
/** cgroup v1 says "no limit" by a number close to 2^63. */
const NO_LIMIT = 2 ** 60;

type GroupFiles = ReadonlyMap<string, string>;

/** Control groups of containers by id, out of all files that were read; v1 has several folders for one container. */
function groups(files: ReadonlyMap<string, string>): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [path, content] of files) {
    const [, id, file] =
      /^\/sys\/fs\/cgroup\/.*\/(?:docker-|libpod-)?([0-9a-f]{64})(?:\.scope)?\/([a-z_.]+)$/.exec(path) ?? [];
    if (!id || !file || (!found.has(id) && found.size >= MAX_CONTAINERS)) continue;
    const group = found.get(id) ?? new Map<string, string>();
    // cpu.stat of v1 lies in the cpu hierarchy, memory.stat in the memory one: no name is there twice.
    group.set(file, content);
    found.set(id, group);
  }
  return found;
}

const value = (files: GroupFiles, name: string): number | undefined =>
  bounded(files.get(name)?.trim(), 0, 2 ** 64);

/** `key value` lines, as in cpu.stat and memory.stat. */
function field(files: GroupFiles, name: string, key: string): number | undefined {
  const line = lines(files.get(name), 200).find((one) => one.startsWith(`${key} `));
  return bounded(line?.slice(key.length + 1), 0, 2 ** 64);
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

const given = <T extends object>(fields: T): Given<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, one]) => one !== undefined)) as Given<T>;

function fromV2(files: GroupFiles): Omit<Container, 'id'> {
  const [quota, period] = (files.get('cpu.max') ?? '')
    .trim()
    .split(' ')
    .map((one) => bounded(one));
  const current = value(files, 'memory.current');
  const micros = (key: string): number | undefined => divided(field(files, 'cpu.stat', key), 1e6);
  return given({
    cpuSeconds: micros('usage_usec'),
    throttledSeconds: micros('throttled_usec'),
    cpuLimit: quota && period ? quota / period : undefined,
    memoryBytes: working(current, field(files, 'memory.stat', 'inactive_file')),
    memoryLimitBytes: value(files, 'memory.max'),
    oomKills: field(files, 'memory.events', 'oom_kill'),
  });
}

function fromV1(files: GroupFiles): Omit<Container, 'id'> {
  const quota = value(files, 'cpu.cfs_quota_us');
  const period = value(files, 'cpu.cfs_period_us');
  const limit = value(files, 'memory.limit_in_bytes');
  return given({
    cpuSeconds: divided(value(files, 'cpuacct.usage'), 1e9),
    throttledSeconds: divided(field(files, 'cpu.stat', 'throttled_time'), 1e9),
    cpuLimit: quota && period ? quota / period : undefined,
    memoryBytes: working(
      value(files, 'memory.usage_in_bytes'),
      field(files, 'memory.stat', 'total_inactive_file'),
    ),
    memoryLimitBytes: limit !== undefined && limit < NO_LIMIT ? limit : undefined,
    oomKills: field(files, 'memory.oom_control', 'oom_kill'),
  });
}

const divided = (one: number | undefined, by: number): number | undefined =>
  one === undefined ? undefined : one / by;

const working = (current: number | undefined, inactive = 0): number | undefined =>
  current === undefined ? undefined : Math.max(0, current - inactive);

export function parseContainers(files: ReadonlyMap<string, string>): Container[] {
  return [...groups(files)].map(([id, group]) => ({
    id,
    ...(group.has('memory.current') || group.has('memory.max') ? fromV2(group) : fromV1(group)),
  }));
}

export type ContainerName = Pick<Container, 'id' | 'name' | 'project' | 'service'>;

/** `id|name|project|service` lines of the engines. */
export function parseNames(text: string | undefined): ContainerName[] {
  return lines(text, 1_000).flatMap((line) => {
    const [, id, names, project, service] =
      /^([0-9a-f]{64})\|([^|]{1,300})\|([^|]{0,200})\|([^|]{0,200})$/.exec(line) ?? [];
    if (!id || !names) return [];
    const label = (text: string | undefined) => (text && text !== '<no value>' ? labelOf(text) : undefined);
    const name = labelOf(names.split(',')[0] ?? names);
    return [{ id, name, ...given({ project: label(project), service: label(service) }) }];
  });
}
