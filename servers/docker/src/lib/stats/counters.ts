/** Counters of one container at one moment. */
export interface Counters {
  /** Nanoseconds of CPU used since it began. */
  cpuNs?: number;
  memoryBytes?: number;
  /** Absent: no limit. */
  memoryLimit?: number;
  inactiveFile?: number;
  processes?: number;
  readBytes?: number;
  writtenBytes?: number;
  receivedBytes?: number;
  sentBytes?: number;
}

export interface CounterRead {
  uptimeS: number;
  cpus: number;
  containers: Map<string, Counters>;
}

const number = (text: string | undefined): number | undefined => {
  const value = Number(text);
  return text !== undefined && text !== '' && Number.isFinite(value) && value >= 0 && value < 2 ** 62
    ? value
    : undefined;
};

/** Output of cgroupScript. What is missing or absurd is left out. */
export function parseCounters(text: string): CounterRead {
  const [uptime = '', cpus = '', ...lines] = text.split('\n');
  const read: CounterRead = {
    uptimeS: number(uptime.split(' ')[0]) ?? 0,
    cpus: Math.max(1, number(cpus) ?? 1),
    containers: new Map(),
  };
  let current: Counters | undefined;
  for (const line of lines) {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'container' && /^[0-9a-f]{12,64}$/.test(rest[0] ?? '')) {
      current = {};
      read.containers.set(rest[0] as string, current);
    } else if (current) add(current, word, rest);
  }
  return read;
}

function add(counters: Counters, word: string, rest: readonly string[]): void {
  const value = number(rest[0]?.replace(/;$/, ''));
  const text = rest.join(' ');
  switch (word) {
    case 'cpustat':
      set(counters, 'cpuNs', times(number(/usage_usec (\d+)/.exec(text)?.[1]), 1000));
      break;
    case 'cpuacct':
      set(counters, 'cpuNs', value);
      break;
    case 'memory':
      set(counters, 'memoryBytes', value);
      break;
    case 'limit':
      // v1 says "none" with a number near 2^63.
      if (value !== undefined && value < 2 ** 60) set(counters, 'memoryLimit', value);
      break;
    case 'inactive_file':
    case 'total_inactive_file':
      set(counters, 'inactiveFile', value);
      break;
    case 'pids':
      set(counters, 'processes', value);
      break;
    case 'io':
      set(counters, 'readBytes', total(text, /rbytes=(\d+)/g));
      set(counters, 'writtenBytes', total(text, /wbytes=(\d+)/g));
      break;
    case 'blkio':
      set(counters, 'readBytes', total(text, /\bRead (\d+)/g));
      set(counters, 'writtenBytes', total(text, /\bWrite (\d+)/g));
      break;
    case 'net':
      if (!/^lo:/.test(text)) addNetwork(counters, text);
      break;
  }
}

const times = (value: number | undefined, factor: number): number | undefined =>
  value === undefined ? undefined : value * factor;

/** The first directory that has a counter wins: on v1 each controller has one of its own. */
function set(counters: Counters, key: keyof Counters, value: number | undefined): void {
  if (value !== undefined && counters[key] === undefined) counters[key] = value;
}

const total = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((sum, [, digits]) => sum + (number(digits) ?? 0), 0);

/** A line of /proc/PID/net/dev: name, 8 fields received, 8 sent. */
function addNetwork(counters: Counters, text: string): void {
  const fields = (text.split(':')[1] ?? '').trim().split(/\s+/);
  counters.receivedBytes = (counters.receivedBytes ?? 0) + (number(fields[0]) ?? 0);
  counters.sentBytes = (counters.sentBytes ?? 0) + (number(fields[8]) ?? 0);
}
