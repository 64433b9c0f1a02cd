import type { AttachOptions, CommandState, StreamName } from '@flotilla/core';
import type { FastChannel } from '../channel/fast-channel.ts';
import { OUTPUT_CAP } from '../channel/host/library.ts';
import type { ProcessMark } from './process-mark.ts';
import { readChunk } from './query.ts';
import { hasTerminal, isBeingStopped, type RunReport, stateOf, unstopped } from './state-file.ts';
import { TerminalWatch } from './terminal-watch.ts';

const CHUNK_BYTES = 1024 * 1024;
/** An empty lock may belong to a start that is under way this very moment. */
const EMPTY_LOCK_GRACE_MS = 3_000;

const STREAMS: readonly StreamName[] = ['stdout', 'stderr'];

export interface FollowedRunInput {
  id: string;
  options: AttachOptions;
  /** Its start was told already. */
  started: boolean;
  /** Stops what the host could not stop at the time limit of a command; never rejects. */
  stopLate(left: readonly ProcessMark[]): Promise<void>;
}

/** One command that is followed: what of it was seen, handed out and asked. Ends by a state, a failure or its signal. */
export class FollowedRun {
  readonly id: string;
  readonly ended: Promise<CommandState>;
  readonly #input: FollowedRunInput;
  readonly #have: Record<StreamName, number>;
  #resolve: (state: CommandState) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #isOver = false;
  #started: boolean;
  /** Since when the lock was seen without its first line. */
  #emptySince: number | undefined;
  #terminal: TerminalWatch | undefined;
  /** The host could not stop all of it at its time limit; we try. */
  #stopping: 'under_way' | 'done' | undefined;

  constructor(input: FollowedRunInput) {
    const { id, options, started } = input;
    this.id = id;
    this.#input = input;
    this.#started = started;
    this.#have = { stdout: options.from?.stdout ?? 0, stderr: options.from?.stderr ?? 0 };
    this.ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    options.signal?.addEventListener('abort', this.#leave, { once: true });
    if (options.signal?.aborted) this.#leave();
  }

  /** Nobody waits for it any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  fail(error: unknown): void {
    this.#finish();
    this.#reject(error);
  }

  /** Hands out what a report of its host brings. True when the command wrote something. */
  async update(channel: FastChannel, report: RunReport): Promise<boolean> {
    const state = stateOf(report, channel.hello.boot);
    const left = unstopped(report);
    if (this.#stopping === undefined && left.length > 0) void this.#stop(left);
    // Its end is told when what it left behind is stopped, or is known to stay.
    const busy = this.#stopping === 'under_way' || isBeingStopped(report);
    if (busy && state.state === 'ended' && state.outcome.timedOut) return true;
    if (state.state === 'lost' && state.reason === 'never_started') {
      this.#emptySince ??= performance.now();
      if (performance.now() - this.#emptySince < EMPTY_LOCK_GRACE_MS) return false;
    }
    this.#tellStart(state);
    const grown = await this.#readAll(channel, sizesOf(state, report));
    if (state.state !== 'running') this.#settle(state);
    else if (hasTerminal(report) && !this.#isOver) await this.#watchTerminal(channel);
    return grown || this.#terminal !== undefined;
  }

  #tellStart({ state }: CommandState): void {
    if (this.#started || state === 'absent' || state === 'refused') return;
    this.#started = true;
    this.#input.options.onStarted?.();
  }

  async #watchTerminal(channel: FastChannel): Promise<void> {
    const { options } = this.#input;
    this.#terminal ??= new TerminalWatch(this.id, options.pty, (question) => options.onQuestion?.(question));
    await this.#terminal.check(channel);
  }

  async #stop(left: readonly ProcessMark[]): Promise<void> {
    this.#stopping = 'under_way';
    await this.#input.stopLate(left);
    this.#stopping = 'done';
  }

  async #readAll(channel: FastChannel, sizes: Record<StreamName, number>): Promise<boolean> {
    let grown = false;
    for (const stream of STREAMS) if (await this.#readTo(channel, stream, sizes[stream])) grown = true;
    return grown;
  }

  async #readTo(channel: FastChannel, stream: StreamName, size: number): Promise<boolean> {
    const before = this.#have[stream];
    while (this.#have[stream] < size && !this.#isOver) {
      const from = this.#have[stream];
      const length = Math.min(CHUNK_BYTES, size - from);
      const chunk = await readChunk(channel, { id: this.id, stream, from, length });
      if (chunk.length === 0) break;
      this.#have[stream] += chunk.length;
      this.#input.options.onOutput?.(stream, from, chunk);
    }
    return this.#have[stream] > before;
  }

  /** Its follower goes; the command goes on. */
  readonly #leave = (): void => {
    const { question } = this.#terminal ?? {};
    const { stdout, stderr } = this.#have;
    this.#settle({
      state: 'running',
      stdoutBytes: stdout,
      stderrBytes: stderr,
      ...(question && { question }),
    });
  };

  #settle(state: CommandState): void {
    this.#finish();
    this.#resolve(state);
  }

  #finish(): void {
    this.#isOver = true;
    this.#terminal?.close();
    this.#input.options.signal?.removeEventListener('abort', this.#leave);
  }
}

function sizesOf(state: CommandState, report: RunReport): Record<StreamName, number> {
  if (state.state === 'ended') {
    return { stdout: state.outcome.stdoutBytes, stderr: state.outcome.stderrBytes };
  }
  return {
    stdout: Math.min(report.stdoutBytes, OUTPUT_CAP),
    stderr: Math.min(report.stderrBytes, OUTPUT_CAP),
  };
}
