import type { AttachOptions, CommandOutcome, CommandSpec, CommandState, Question } from '@flotilla/core';
import { FlotillaError } from '@flotilla/core';
import type { ClientChannel } from 'ssh2';
import type { ChannelLease } from '../links.ts';
import { quote } from '../quote.ts';
import { asksForSecret, knownAnswer, preparedAnswer } from './known-prompts.ts';
import { checkedInterpreter, commandText, environmentText } from './launch-parts.ts';
import { visibleLines } from './terminal-text.ts';

export const BOUND_NOTE = 'bound to the connection: the host has no script(1)';
const QUIET_MS = 1_500;
const TAIL_CHARACTERS = 2_048;

/**
 * A command on a terminal of the connection itself, for hosts without script(1): it ends with the connection. The caller
 * has made its lock on the host and records its end there.
 */
export class BoundTerminal {
  readonly #lease: ChannelLease;
  readonly #id: string;
  readonly #spec: CommandSpec;
  readonly #options: AttachOptions;
  readonly #onHangUp: (graceMs: number | undefined) => void;
  #graceMs: number | undefined;
  #stream: ClientChannel | undefined;
  #bytes = 0;
  #tail = '';
  #question: Question | undefined;
  #answered = -1;
  #quiet: NodeJS.Timeout | undefined;
  #limit: NodeJS.Timeout | undefined;
  #leftMs: number;
  #runningSince = 0;
  #stopped: 'cancelled' | 'timeout' | undefined;

  /** `onHangUp`: the terminal was told to hang up; not every command ends with it. */
  constructor(
    lease: ChannelLease,
    id: string,
    spec: CommandSpec,
    options: AttachOptions,
    onHangUp: (graceMs: number | undefined) => void,
  ) {
    this.#lease = lease;
    this.#id = id;
    this.#spec = spec;
    this.#options = options;
    this.#onHangUp = onHangUp;
    this.#leftMs = spec.timeoutMs ?? 0;
  }

  get state(): CommandState {
    const bytes = { stdoutBytes: this.#bytes, stderrBytes: 0 };
    return { state: 'running', ...bytes, ...(this.#question && { question: this.#question }) };
  }

  async run(): Promise<CommandState> {
    const { columns = 120, rows = 40 } = this.#spec.pty ?? {};
    const started = performance.now();
    const stream = await this.#open({ term: 'xterm', columns, rows });
    this.#stream = stream;
    this.#options.onStarted?.();
    this.#startClock();
    return new Promise((resolve) => {
      stream.on('data', (chunk: Buffer) => this.#output(chunk));
      stream.stderr.resume();
      stream.on('error', () => undefined);
      // How it ended comes with the close; without it the connection was lost.
      stream.once('close', (code?: number | null, signal?: string) => {
        const end =
          code === undefined && signal === undefined
            ? undefined
            : { code: code ?? null, signal: signal?.replace(/^SIG/, '') ?? null };
        clearTimeout(this.#quiet);
        clearTimeout(this.#limit);
        this.#withdraw();
        this.#lease.release();
        if (end === undefined && this.#stopped === undefined) {
          resolve({ state: 'lost', reason: 'connection_bound' });
        } else {
          resolve({ state: 'ended', outcome: this.#outcome(end, performance.now() - started) });
        }
      });
      if (this.#stopped !== undefined) this.#hangUp();
    });
  }

  async #open(pty: { term: string; columns: number; rows: number }): Promise<ClientChannel> {
    try {
      return await this.#lease.link.exec(boundText(this.#id, this.#spec), { pty });
    } catch (error) {
      this.#lease.release();
      throw error;
    }
  }

  answer(number: number, text: string): void {
    if (this.#question?.number !== number) {
      throw new FlotillaError('CONFLICT', 'That question is no longer asked.', { details: { number } });
    }
    this.#answered = number;
    this.#withdraw();
    this.#startClock();
    this.#stream?.write(`${text}\n`);
  }

  /** Also before it has opened: then it hangs up as soon as it has. */
  stop(reason: 'cancelled' | 'timeout', graceMs?: number): void {
    this.#stopped ??= reason;
    this.#graceMs = graceMs;
    this.#hangUp();
  }

  /** sshd sends HUP to the foreground of a terminal when its channel closes. */
  #hangUp(): void {
    if (this.#stream === undefined) return;
    this.#stream.signal('TERM');
    this.#stream.close();
    this.#onHangUp(this.#graceMs);
  }

  #outcome(
    end: { code: number | null; signal: string | null } | undefined,
    durationMs: number,
  ): CommandOutcome {
    return {
      exitCode: end?.signal ? null : (end?.code ?? null),
      signal: end?.signal ?? (end === undefined ? 'HUP' : null),
      timedOut: this.#stopped === 'timeout',
      cancelled: this.#stopped === 'cancelled',
      stdoutBytes: this.#bytes,
      stderrBytes: 0,
      droppedBytes: 0,
      durationMs,
      notes: [BOUND_NOTE],
    };
  }

  #output(chunk: Buffer): void {
    this.#options.onOutput?.('stdout', this.#bytes, chunk);
    this.#bytes += chunk.length;
    this.#tail = (this.#tail + chunk.toString('latin1')).slice(-TAIL_CHARACTERS);
    this.#withdraw();
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#standStill(), QUIET_MS);
  }

  /** Nothing was shown for a while: an unfinished last line is a prompt. */
  #standStill(): void {
    if (this.#answered === this.#bytes) return;
    const lines = visibleLines(Buffer.from(this.#tail, 'latin1').toString('utf8'));
    const last = lines.at(-1) ?? '';
    if (last.trim() === '') return;
    const rules = this.#spec.pty ?? { autoRespond: false, responses: {} };
    const secret = asksForSecret(last);
    const prepared = preparedAnswer(lines, rules.responses);
    const answer = prepared ?? (rules.autoRespond && !secret ? knownAnswer(lines) : undefined);
    if (answer !== undefined) {
      this.#answered = this.#bytes;
      this.#stream?.write(`${answer}\n`);
      return;
    }
    this.#question = { prompt: lines.slice(-12).join('\n').trim(), secret, number: this.#bytes };
    this.#stopClock();
    this.#options.onQuestion?.(this.#question);
  }

  #withdraw(): void {
    if (this.#question === undefined) return;
    this.#question = undefined;
    this.#startClock();
    this.#options.onQuestion?.(undefined);
  }

  #startClock(): void {
    clearTimeout(this.#limit);
    if ((this.#spec.timeoutMs ?? 0) === 0) return;
    this.#runningSince = performance.now();
    this.#limit = setTimeout(() => this.stop('timeout'), Math.max(1, this.#leftMs));
  }

  #stopClock(): void {
    clearTimeout(this.#limit);
    this.#leftMs -= performance.now() - this.#runningSince;
  }
}

/** For any login shell: `exec sh -c` and one quoted word. */
function boundText(id: string, spec: CommandSpec): string {
  const text = commandText(spec.command);
  const run =
    spec.interpreter === undefined
      ? `exec sh -c ${quote(text)}`
      : `exec ${checkedInterpreter(spec.interpreter)} /proc/self/fd/4 4<<'${HERE}'\n${text}\n${HERE}\n`;
  const all = `FLOTILLA_RUN=${id}; export FLOTILLA_RUN\n${environmentText(spec)}${run}`;
  return spec.sudo === true ? `exec sudo -n -- sh -c ${quote(all)}` : `exec sh -c ${quote(all)}`;
}

const HERE = 'FLOTILLA_END_OF_SCRIPT';
