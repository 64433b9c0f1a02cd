import { type CancelResult, FlotillaError } from '@flotilla/core';
import { STOPPING_FUNCTIONS } from '../channel/host/stopping.ts';
import type { HostChannels } from '../channel/host-channels.ts';
import type { Shell } from '../channel/shell.ts';
import { type ProcessMark, processMarks } from './process-mark.ts';

const DEFAULT_GRACE_MS = 5_000;
/** Connections that may be lost while the host stops a command. */
const TRIES = 3;
/** What sudo and the search may take beside the grace. */
const ROOT_TIMEOUT_MS = 30_000;

export interface StopAnswer {
  state: CancelResult['state'];
  left: readonly ProcessMark[];
}

const STATES: readonly string[] = ['stopped', 'had_ended', 'not_started', 'survivors'];

/**
 * Has the host stop a command: TERM, grace, KILL. The work is done by a background process there, so it goes on when
 * the connection is lost, and no channel waits for it. Asking again is harmless.
 */
export async function cancelRun(
  channels: HostChannels,
  alias: string,
  id: string,
  options: { graceMs?: number; reason?: 'cancelled' | 'timeout' },
): Promise<StopAnswer> {
  const text = `f_cancel ${id} ${options.reason ?? 'cancelled'} ${tenthsOf(options.graceMs ?? DEFAULT_GRACE_MS)}`;
  for (let tries = 1; ; tries++) {
    const result = await ask(channels, alias, id, text);
    if (result !== undefined) return result;
    if (tries === TRIES) {
      throw new FlotillaError(
        'CONNECTION_FAILED',
        `The connection to ${alias} was lost while a command was stopped.`,
      );
    }
  }
}

/** A command whose remaining processes are to be ended. */
export interface Leftovers {
  alias: string;
  id: string;
  /** What sudo started belongs to root, who needs its password for it. */
  sudo: boolean;
  graceMs?: number | undefined;
  /** Processes that are known to be left over. */
  found?: readonly ProcessMark[];
}

/** The search of a cancel, TERM, grace and KILL, by a shell of its own: nobody on the host has to watch the command. */
export async function stopLeftovers(shell: Shell, leftovers: Leftovers): Promise<CancelResult> {
  const { alias, id, sudo, graceMs = DEFAULT_GRACE_MS, found = [] } = leftovers;
  const marks = found.map(({ pid, start }) => `${pid}/${start}`).join(' ');
  const script = `${STOPPING_FUNCTIONS}
f_id=${id} f_found='${marks}' f_as_root=; f_find_processes '' ''; f_end_all ${tenthsOf(graceMs)} '' ''
printf '%s' "$f_found"`;
  const { stdout, exitCode } = await shell(alias, script, { sudo, timeoutMs: graceMs + ROOT_TIMEOUT_MS });
  if (exitCode !== 0) return resultOf('survivors', found);
  return resultOf('stopped', processMarks(stdout.split(' ')));
}

function tenthsOf(ms: number): number {
  return Math.max(0, Math.ceil(ms / 100));
}

/** Undefined: the connection was lost before the answer. */
async function ask(
  channels: HostChannels,
  alias: string,
  id: string,
  text: string,
): Promise<StopAnswer | undefined> {
  const channel = await channels.acquire(alias);
  let unsubscribe = (): void => undefined;
  const answer = new Promise<StopAnswer>((resolve) => {
    unsubscribe = channels.onStray(alias, (words) => {
      if (words[0] === 'cancel' && words[1] === id) resolve(parse(words.slice(2)));
    });
  });
  channel.send(text);
  channels.release(channel);
  try {
    return await Promise.race([answer, channel.closed.then(() => undefined)]);
  } finally {
    unsubscribe();
  }
}

function parse([state = '', ...words]: string[]): StopAnswer {
  const known = STATES.includes(state) ? (state as CancelResult['state']) : 'survivors';
  return { state: known, left: processMarks(words) };
}

export function resultOf(state: CancelResult['state'], left: readonly ProcessMark[]): CancelResult {
  if (left.length === 0 && state !== 'survivors') return { state };
  return { state: 'survivors', survivors: left.map(({ pid }) => pid) };
}
