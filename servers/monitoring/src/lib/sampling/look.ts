import {
  FlotillaError,
  type Hosts,
  isFlotillaError,
  type ShellOptions,
  type ShellResult,
} from '@flotilla/core';
import { sectionMarks } from '../host/sections.ts';
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
  const shell = { timeoutMs, maxBytes: SAMPLE_BYTES, ...(signal && { signal }) };
  const marks = sectionMarks();
  const answer = names
    ? await asRoot(hosts, alias, sampleScript(marks, { names }), shell)
    : await hosts.shell(alias, sampleScript(marks), shell);
  if (answer.exitCode === 95) throw unsupported(alias, 'has no readable /proc');
  const reading = parseSample(marks.parse(answer.stdout));
  if (!reading) throw unsupported(alias, 'does not answer like a Linux host');
  return reading;
}

/** As root where the host's record allows that: a login may not ask the container engine. */
async function asRoot(
  hosts: Hosts,
  alias: string,
  script: string,
  options: ShellOptions,
): Promise<ShellResult> {
  try {
    return await hosts.shell(alias, script, { ...options, sudo: true });
  } catch (error) {
    if (!isFlotillaError(error) || !NO_SUDO.has(error.code)) throw error;
    return hosts.shell(alias, script, options);
  }
}

const NO_SUDO = new Set(['UNSUPPORTED', 'DENIED']);

export const unsupported = (alias: string, why: string): FlotillaError =>
  new FlotillaError('UNSUPPORTED', `${alias} ${why}.`, { details: { alias } });
