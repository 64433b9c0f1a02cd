import {
  type AttachOptions,
  type CommandState,
  FlotillaError,
  type Logger,
  type StreamName,
} from '@flotilla/core';
import type { FastChannel } from '../channel/fast-channel.ts';
import { OUTPUT_CAP } from '../channel/host/library.ts';
import type { HostChannels } from '../channel/host-channels.ts';
import type { ProcessMark } from './process-mark.ts';
import { queryRuns, readChunk } from './query.ts';
import { hasTerminal, isBeingStopped, type RunReport, stateOf, unstopped } from './state-file.ts';
import { TerminalWatch } from './terminal-watch.ts';

/** How often a host is asked: quick after a start or new output, slower while nothing happens. */
const SHORTEST_MS = 250;
const LONGEST_MS = 2_000;
const CHUNK_BYTES = 1024 * 1024;
/** Lost connections in a row before the followers are told. */
const RETRY_DELAYS_MS = [100, 500, 1_500];
/** An empty lock may belong to a start that is under way this very moment. */
const EMPTY_LOCK_GRACE_MS = 3_000;

const STREAMS: readonly StreamName[] = ['stdout', 'stderr'];

/** Stops what the host could not stop at the time limit of a command. */
type StopLate = (id: string, left: readonly ProcessMark[]) => Promise<unknown>;

interface Followed {
  id: string;
  options: AttachOptions;
  have: Record<StreamName, number>;
  /** Since when the lock was seen without its first line. */
  emptySince?: number;
  started: boolean;
  terminal?: TerminalWatch;
  /** The host could not stop all of it at its time limit; we try. */
  stopping?: 'under_way' | 'done';
  settle(state: CommandState): void;
  fail(error: unknown): void;
}

/** Follows every detached command of one host: one question for all of them, their ends pushed by the host. */
export class HostFollower {
  readonly #alias: string;
  readonly #channels: HostChannels;
  readonly #log: Logger;
  readonly #stopLate: StopLate;
  readonly #followed = new Set<Followed>();
  #intervalMs = SHORTEST_MS;
  #wake: (() => void) | undefined;
  #kicked = false;
  #running = false;

  constructor(alias: string, channels: HostChannels, log: Logger, stopLate: StopLate) {
    this.#alias = alias;
    this.#stopLate = stopLate;
    this.#channels = channels;
    this.#log = log;
    channels.onStray(alias, ([kind, id]) => {
      if (kind !== 'ended') return;
      for (const one of this.#followed) if (one.id === id) this.#kick();
    });
  }

  /** Resolves when the command has ended, or its state says that it never will; CONNECTION_FAILED after some tries. */
  follow(
    id: string,
    options: AttachOptions,
    how: { soon: boolean; started?: boolean },
  ): Promise<CommandState> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        this.#followed.delete(one);
        one.terminal?.close();
        options.signal?.removeEventListener('abort', stopped);
      };
      const one: Followed = {
        id,
        options,
        have: { stdout: options.from?.stdout ?? 0, stderr: options.from?.stderr ?? 0 },
        started: how.started ?? false,
        settle: (state) => {
          done();
          resolve(state);
        },
        fail: (error) => {
          done();
          reject(error);
        },
      };
      const stopped = (): void => {
        const { question } = one.terminal ?? {};
        one.settle({
          state: 'running',
          stdoutBytes: one.have.stdout,
          stderrBytes: one.have.stderr,
          ...(question && { question }),
        });
      };
      if (options.signal?.aborted) return stopped();
      options.signal?.addEventListener('abort', stopped, { once: true });
      this.#followed.add(one);
      this.#intervalMs = SHORTEST_MS;
      if (how.soon) this.#kick();
      if (!this.#running) void this.#run();
    });
  }

  #kick(): void {
    this.#kicked = true;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    this.#running = true;
    let failures = 0;
    while (this.#followed.size > 0) {
      await this.#pause(failures > 0 ? (RETRY_DELAYS_MS[failures - 1] ?? 0) : this.#intervalMs);
      if (this.#followed.size === 0) break;
      try {
        await this.#ask();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#log.debug({ alias: this.#alias, err: error, failures }, 'asking for detached commands failed');
        if (failures > RETRY_DELAYS_MS.length || !isLostConnection(error)) {
          for (const one of [...this.#followed]) one.fail(error);
        }
      }
    }
    this.#running = false;
  }

  #pause(ms: number): Promise<void> {
    if (this.#kicked) {
      this.#kicked = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        this.#kicked = false;
        resolve();
      };
    });
  }

  async #ask(): Promise<void> {
    const channel = await this.#channels.acquire(this.#alias);
    try {
      const asked = [...this.#followed];
      const reports = await queryRuns(channel, [...new Set(asked.map((one) => one.id))]);
      let grown = false;
      for (const one of asked) {
        const report = reports.get(one.id);
        if (report !== undefined && (await this.#update(channel, one, report))) grown = true;
      }
      this.#intervalMs = grown ? SHORTEST_MS : Math.min(this.#intervalMs * 1.5, LONGEST_MS);
    } finally {
      this.#channels.release(channel);
    }
  }

  /** True when the command wrote something. */
  async #update(channel: FastChannel, one: Followed, report: RunReport): Promise<boolean> {
    const state = stateOf(report, channel.hello.boot);
    const left = unstopped(report);
    if (one.stopping === undefined && left.length > 0) void this.#stop(one, left);
    // Its end is told when what it left behind is stopped, or is known to stay.
    const busy = one.stopping === 'under_way' || isBeingStopped(report);
    if (busy && state.state === 'ended' && state.outcome.timedOut) return true;
    if (state.state === 'lost' && state.reason === 'never_started') {
      one.emptySince ??= performance.now();
      if (performance.now() - one.emptySince < EMPTY_LOCK_GRACE_MS) return false;
    }
    if (state.state !== 'absent' && state.state !== 'refused' && !one.started) {
      one.started = true;
      one.options.onStarted?.();
    }
    const sizes =
      state.state === 'ended'
        ? { stdout: state.outcome.stdoutBytes, stderr: state.outcome.stderrBytes }
        : {
            stdout: Math.min(report.stdoutBytes, OUTPUT_CAP),
            stderr: Math.min(report.stderrBytes, OUTPUT_CAP),
          };
    let grown = false;
    for (const stream of STREAMS) {
      if (await this.#readTo(channel, one, stream, sizes[stream])) grown = true;
    }
    if (state.state !== 'running') {
      one.settle(state);
    } else if (hasTerminal(report) && this.#followed.has(one)) {
      one.terminal ??= new TerminalWatch(one.id, one.options.pty, (question) =>
        one.options.onQuestion?.(question),
      );
      await one.terminal.check(channel);
    }
    return grown || one.terminal !== undefined;
  }

  async #stop(one: Followed, left: readonly ProcessMark[]): Promise<void> {
    one.stopping = 'under_way';
    try {
      await this.#stopLate(one.id, left);
    } catch (error) {
      this.#log.debug({ alias: this.#alias, err: error }, 'a command over its time limit was not stopped');
    }
    one.stopping = 'done';
    this.#kick();
  }

  async #readTo(channel: FastChannel, one: Followed, stream: StreamName, size: number): Promise<boolean> {
    const before = one.have[stream];
    while (one.have[stream] < size && this.#followed.has(one)) {
      const from = one.have[stream];
      const length = Math.min(CHUNK_BYTES, size - from);
      const chunk = await readChunk(channel, { id: one.id, stream, from, length });
      if (chunk.length === 0) break;
      one.have[stream] += chunk.length;
      one.options.onOutput?.(stream, from, chunk);
    }
    return one.have[stream] > before;
  }
}

function isLostConnection(error: unknown): boolean {
  return error instanceof FlotillaError && error.code === 'CONNECTION_FAILED';
}
