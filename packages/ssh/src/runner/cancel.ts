import { type CancelResult, FlotillaError } from '@flotilla/core';
import type { HostChannels } from '../channel/host-channels.ts';
import type { Shell } from '../channel/shell.ts';

const DEFAULT_GRACE_MS = 5_000;
/** Connections that may be lost while the host stops a command. */
const TRIES = 3;

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
): Promise<CancelResult> {
  const tenths = Math.max(0, Math.ceil((options.graceMs ?? DEFAULT_GRACE_MS) / 100));
  const text = `f_k ${id} ${options.reason ?? 'cancelled'} ${tenths}`;
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

/** What sudo started belongs to root: KILL by root, who needs its password for it. */
export async function stopAsRoot(
  shell: Shell,
  alias: string,
  pids: readonly number[],
): Promise<CancelResult> {
  const list = pids.join(' ');
  const script = `kill -s KILL ${list} 2>/dev/null
for p in ${list}; do n=0
while [ $n -lt 20 ] && grep -q '^State:[[:space:]]*[^ZX]' /proc/$p/status 2>/dev/null; do n=$((n + 1)); sleep 0.1; done
[ $n -lt 20 ] || echo $p
done`;
  const { stdout } = await shell(alias, script, { sudo: true });
  const survivors = stdout.split('\n').filter(Boolean).map(Number);
  return survivors.length === 0 ? { state: 'stopped' } : { state: 'survivors', survivors };
}

/** Undefined: the connection was lost before the answer. */
async function ask(
  channels: HostChannels,
  alias: string,
  id: string,
  text: string,
): Promise<CancelResult | undefined> {
  const channel = await channels.acquire(alias);
  let unsubscribe = (): void => undefined;
  const answer = new Promise<CancelResult>((resolve) => {
    unsubscribe = channels.onStray(alias, (words) => {
      if (words[0] === 'K' && words[1] === id) resolve(parse(words.slice(2)));
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

function parse([state = '', ...pids]: string[]): CancelResult {
  const known = STATES.includes(state) ? (state as CancelResult['state']) : 'survivors';
  if (known !== 'survivors') return { state: known };
  return {
    state: known,
    survivors: pids
      .map((word) => Number(word.split('/')[0]))
      .filter((pid) => Number.isSafeInteger(pid) && pid > 0),
  };
}
