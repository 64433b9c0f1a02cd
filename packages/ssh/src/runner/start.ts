import { type CommandEvents, type CommandOutcome, FlotillaError } from '@flotilla/core';
import type { FastChannel } from '../channel/fast-channel.ts';
import { quickOutcome } from './state-file.ts';

/** How long a command may hold its channel before it is left to itself. */
const FAST_WINDOW_MS = 250;
/** How often the host may say that the end is about to be told, once per window. */
const PATIENCE = 12;

export type StartAnswer =
  /** It ended within the window; its output was handed out up to `got`. */
  | { kind: 'ended'; outcome: CommandOutcome; got: { stdout: number; stderr: number } }
  /** It ended, but whether by a signal is in its state file only. */
  | { kind: 'ended_unclear'; got: { stdout: number; stderr: number } }
  /** Left to itself; `ended`: it has ended by now. */
  | { kind: 'detached'; ended: boolean }
  /** The host has no script(1): the terminal has to be the connection's. Nothing was sent. */
  | { kind: 'needs_bound_terminal' }
  | { kind: 'exists' }
  | { kind: 'refused_by_host'; reason: string };

/** Sends a start and waits for its end in the same round trip, for as long as the fast window lasts. */
export function startOn(
  channel: FastChannel,
  id: string,
  launch: StartText,
  events: CommandEvents,
): Promise<StartAnswer> {
  return new Promise((resolve, reject) => {
    let header: { words: string[]; out: number; err: number } | undefined;
    const received: Buffer[] = [];
    // A short limit is kept by the host's watchdog, which is armed when the window closes.
    const { timeoutMs } = launch;
    const windowMs = timeoutMs > 0 ? Math.min(FAST_WINDOW_MS, timeoutMs / 2) : FAST_WINDOW_MS;
    let timer: NodeJS.Timeout;
    let endings = 0;
    const detachAfter = (ms: number): void => {
      timer = setTimeout(() => channel.send(`f_detach ${id}`), ms);
    };
    const finish = (answer: StartAnswer): void => {
      clearTimeout(timer);
      channel.leave();
      resolve(answer);
    };
    const detached = (ended: boolean) => (): void => {
      events.onStarted?.();
      finish({ kind: 'detached', ended });
    };
    const handlers: Record<string, (words: string[]) => void> = {
      exists: () => finish({ kind: 'exists' }),
      refused: ([, , reason = '']) => finish({ kind: 'refused_by_host', reason }),
      unstarted: () => {
        clearTimeout(timer);
        channel.leave();
        reject(unstarted(channel));
      },
      detached: detached(false),
      ended: detached(true),
      // It has ended and its supervisor is about to say so. If that dies instead, the next answer is `detached`; if it does
      // not move, it has the channel to itself and another one asks.
      ending: () => {
        endings += 1;
        if (endings < PATIENCE) return detachAfter(FAST_WINDOW_MS);
        channel.dispose();
        detached(true)();
      },
      result: (words) => {
        header = { words: words.slice(2), out: Number(words[9]), err: Number(words[10]) };
      },
      done: () => {
        if (header === undefined) return;
        events.onStarted?.();
        finish(deliver(header, Buffer.concat(received), events));
      },
    };
    channel.enter({
      frame: (words) => {
        if (words[1] === id) handlers[words[0] ?? '']?.(words);
      },
      data: (chunk) => {
        if (header !== undefined) received.push(Buffer.from(chunk));
      },
      closed: (error) => {
        clearTimeout(timer);
        reject(error);
      },
    });
    detachAfter(windowMs);
    channel.send(startText(channel, id, launch));
  });
}

/** Whoever should have made the lock is gone or does not move. The same start again is safe: the lock decides. */
function unstarted({ lease }: FastChannel): FlotillaError {
  const { alias } = lease.link;
  return new FlotillaError('CONNECTION_FAILED', `${alias} did not start the command.`, {
    details: { alias, cause: 'unstarted' },
  });
}

interface StartText {
  /** Assignments, see {@link launchText}. */
  text: string;
  timeoutMs: number;
  /** Waits for answers: gets a supervisor of its own from the beginning. */
  pty: boolean;
}

/** Under bash the worker of the channel supervises short commands; `+` hands the text on to it. */
function startText(channel: FastChannel, id: string, { text, timeoutMs, pty }: StartText): string {
  if (!channel.hello.bash || pty) return `${text}\nf_start_alone ${id} ${timeoutMs}`;
  return `+${id}\n${text}\nf_start ${id} ${timeoutMs}`;
}

function deliver(
  header: { words: string[]; out: number; err: number },
  content: Buffer,
  events: CommandEvents,
): StartAnswer {
  const got = { stdout: 0, stderr: 0 };
  if (content.length === header.out + header.err) {
    got.stdout = header.out;
    got.stderr = header.err;
    if (header.out > 0) events.onOutput?.('stdout', 0, content.subarray(0, header.out));
    if (header.err > 0) events.onOutput?.('stderr', 0, content.subarray(header.out));
  }
  const outcome = quickOutcome(header.words);
  return outcome === undefined ? { kind: 'ended_unclear', got } : { kind: 'ended', outcome, got };
}
