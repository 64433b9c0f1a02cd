import type { MissReason } from './miss-reason.ts';

/** Repeated logins that fail get the hub banned; a host key is for a person to judge. */
const LONGEST_MS: Readonly<Record<MissReason, number>> = {
  auth: 15 * 60_000,
  host_key: 15 * 60_000,
  unsupported: 15 * 60_000,
  net: 60_000,
  timeout: 60_000,
  error: 60_000,
};

/** How long a host is left alone after so many failures in a row, the longer the more. */
export function pauseAfter(reason: MissReason, failures: number, intervalMs: number): number {
  return Math.min(intervalMs * 2 ** Math.min(failures - 1, 20), Math.max(intervalMs, LONGEST_MS[reason]));
}

/** The next moment of the host's own beat: hosts are spread over the interval so that they do not come all at once. */
export function nextBeat(now: number, intervalMs: number, phase: number): number {
  const offset = phase * intervalMs;
  return Math.floor((now - offset) / intervalMs + 1) * intervalMs + offset;
}

/** A place in the interval, from 0 to 1, the same for a name in every process. */
export function phaseOf(alias: string): number {
  let hash = 2166136261;
  for (const char of alias) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return (hash >>> 0) / 2 ** 32;
}
