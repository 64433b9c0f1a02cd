import { type CommandEvents, type CommandOutcome, FlotillaError } from '@flotilla/core';
import type { FastChannel } from '../channel/fast-channel.ts';
import { quickOutcome } from './state-file.ts';

/** How long a command may hold its channel before it is left to itself. */
const FAST_WINDOW_MS = 250;

export type StartAnswer =
  /** It ended within the window; its output was handed out up to `got`. */
  | { kind: 'ended'; outcome: CommandOutcome; got: { stdout: number; stderr: number } }
  /** It ended, but whether by a signal is in its state file only. */
  | { kind: 'ended_unclear'; got: { stdout: number; stderr: number } }
  | { kind: 'detached' }
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
    const timer = setTimeout(() => channel.send(`f_d ${id}`), windowMs);
    const finish = (answer: StartAnswer): void => {
      clearTimeout(timer);
      channel.leave();
      resolve(answer);
    };
    channel.enter({
      frame: (words) => {
        const [kind, subject] = words;
        if (subject !== id) return;
        if (kind === 'x') finish({ kind: 'exists' });
        if (kind === 'n' && words[2] === 'unstarted') {
          clearTimeout(timer);
          channel.leave();
          reject(unstarted(channel));
        } else if (kind === 'n') finish({ kind: 'refused_by_host', reason: words[2] ?? '' });
        if (kind === 'd') {
          events.onStarted?.();
          finish({ kind: 'detached' });
        }
        if (kind === 'e') header = { words: words.slice(2), out: Number(words[9]), err: Number(words[10]) };
        if (kind === 'z' && header !== undefined) {
          events.onStarted?.();
          finish(deliver(header, Buffer.concat(received), events));
        }
      },
      data: (chunk) => {
        if (header !== undefined) received.push(Buffer.from(chunk));
      },
      closed: (error) => {
        clearTimeout(timer);
        reject(error);
      },
    });
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
  if (!channel.hello.bash || pty) return `${text}\nf_r ${id} ${timeoutMs}`;
  return `+${id}\n${text}\nf_s ${id} ${timeoutMs}`;
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
