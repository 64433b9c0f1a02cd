import { FlotillaError, type Hosts } from '@flotilla/core';
import { parseSample } from './parse-sample.ts';
import type { Reading } from './reading.ts';
import { SAMPLE_BYTES, sampleScript } from './sample-script.ts';

export interface LookOptions {
  /** Also ask the container engines for names. */
  names?: boolean;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** One look at a host. Throws what the connection throws; UNSUPPORTED on a system without /proc. */
export async function look(hosts: Hosts, alias: string, options: LookOptions): Promise<Reading> {
  const { names = false, timeoutMs, signal } = options;
  const answer = await hosts.shell(alias, sampleScript({ names }), {
    timeoutMs,
    maxBytes: SAMPLE_BYTES,
    ...(signal && { signal }),
  });
  if (answer.exitCode === 95) throw unsupported(alias, 'has no readable /proc');
  const reading = parseSample(answer.stdout);
  if (!reading) throw unsupported(alias, 'does not answer like a Linux host');
  return reading;
}

export const unsupported = (alias: string, why: string): FlotillaError =>
  new FlotillaError('UNSUPPORTED', `${alias} ${why}.`, { details: { alias } });
