import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as others recognise it. */
export interface ProcessIdentity {
  id: string;
  pid: number;
  /** Start time of the process in clock ticks since boot (proc(5), field 22), or '' where there is no /proc. */
  started: string;
  /** Boot and pid namespace: pids may be compared only within one. */
  machine: string;
}

export function thisProcess(id = randomBytes(9).toString('base64url')): ProcessIdentity {
  return { id, pid: process.pid, started: startTime(process.pid) ?? '', machine: machineId() };
}

/** True only when it is certain that the process has ended. */
export function isCertainlyDead(other: ProcessIdentity): boolean {
  if (other.machine !== machineId()) return false;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const started = startTime(other.pid);
  return other.started !== '' && started !== undefined && started !== other.started;
}

/** undefined: no such process, or no /proc. A zombie counts as ended: its start time reads as ''. */
function startTime(pid: number): string | undefined {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : (fields[19] ?? '');
}

let machine: string | undefined;

function machineId(): string {
  machine ??= [
    readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? hostname(),
    readOr(() => readlinkSync('/proc/self/ns/pid')) ?? '',
  ].join(' ');
  return machine;
}

function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
