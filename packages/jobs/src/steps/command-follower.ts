import {
  type CommandOutcome,
  type CommandSpec,
  type CommandState,
  type ErrorCode,
  FlotillaError,
  isFlotillaError,
  type Question,
  type StreamName,
} from '@flotilla/core';
import type { ExecutorParts } from '../engine-parts.ts';
import { asError } from '../failures.ts';
import type { OutputSink } from '../output/outputs.ts';
import type { RunSession } from '../run/session.ts';
import { CommandStopper } from './command-stopper.ts';
import { QuestionKeeper } from './question-keeper.ts';

export interface FollowedCommand {
  id: string;
  alias: string;
  key: string;
  spec: CommandSpec;
  /** The host has confirmed the start. */
  acked: boolean;
  intentAt: number;
  sinks: Record<StreamName, OutputSink>;
}

const CONNECTION_TROUBLE: readonly ErrorCode[] = ['CONNECTION_FAILED', 'TIMEOUT', 'SERVER_UNAVAILABLE'];
const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;
const ACK_AFTER_MS = 30;
/** How long a host is asked whether a command was started that may have reached it. */
const VERDICT_MS = 5_000;

/** Follows one command to its known end, through lost connections, a full disk here, cancel and questions. */
export class CommandFollower {
  readonly #parts: ExecutorParts;
  readonly #session: RunSession;
  readonly #command: FollowedCommand;
  readonly #name: string;
  readonly #stopper: CommandStopper;
  readonly #questions: QuestionKeeper;
  #acked: boolean;
  #ackTimer: NodeJS.Timeout | undefined;
  #storageTrouble: unknown;
  #doubtSince: number | undefined;

  constructor(parts: ExecutorParts, session: RunSession, command: FollowedCommand) {
    this.#parts = parts;
    this.#session = session;
    this.#command = command;
    this.#acked = command.acked;
    this.#name = `${command.key}@${command.alias}`;
    this.#stopper = new CommandStopper(parts, session, command);
    this.#questions = new QuestionKeeper(parts, session, command);
  }

  async follow(start: boolean): Promise<CommandOutcome> {
    this.#stopper.watch();
    try {
      return await this.#untilEnd(start);
    } finally {
      clearTimeout(this.#ackTimer);
      this.#questions.close();
      this.#stopper.close();
    }
  }

  async #untilEnd(firstStart: boolean): Promise<CommandOutcome> {
    let start = firstStart;
    let backoffMs = FIRST_BACKOFF_MS;
    for (;;) {
      let trouble: FlotillaError;
      try {
        const state = await this.#once(start);
        this.#check();
        if (state.state === 'ended' && (await this.#outputIsWhole())) {
          return { ...state.outcome, ...this.#stopper.notes(state.outcome) };
        }
        if (state.state === 'absent') {
          this.#requireStartable();
          start = true;
          continue;
        }
        start = false;
        if (state.state === 'lost' || state.state === 'refused') throw this.#lost(state);
        if (this.#storageTrouble === undefined) backoffMs = FIRST_BACKOFF_MS;
        trouble = this.#followingEnded();
      } catch (cause) {
        this.#check();
        trouble = asError(cause);
        if (trouble.details['neverStarted'] === true || !CONNECTION_TROUBLE.includes(trouble.code))
          throw trouble;
        if (start) this.#requireDoubt(trouble);
        start = false;
      }
      this.#session.setWaiting(this.#name, `reconnecting to ${this.#command.alias}: ${trouble.message}`);
      await this.#stopper.pause(backoffMs);
      this.#check();
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    }
  }

  /** False when a piece could not be stored here: the host still has it. */
  async #outputIsWhole(): Promise<boolean> {
    if (this.#storageTrouble !== undefined) return false;
    try {
      for (const sink of Object.values(this.#command.sinks)) await sink.end();
      return true;
    } catch (error) {
      this.#storageTrouble = error;
      return false;
    }
  }

  /** One connection's worth of following. */
  async #once(start: boolean): Promise<CommandState> {
    const { alias, id, spec, sinks } = this.#command;
    const following = new AbortController();
    const { givenUp } = this.#stopper;
    const onGivenUp = (): void => following.abort();
    this.#storageTrouble = undefined;
    try {
      for (const sink of Object.values(sinks)) sink.flushBacklog();
    } catch (error) {
      this.#storageTrouble = error;
      return { state: 'running', stdoutBytes: 0, stderrBytes: 0 };
    }
    const options = {
      from: { stdout: sinks.stdout.received, stderr: sinks.stderr.received },
      ...(spec.pty && { pty: spec.pty }),
      signal: following.signal,
      onStarted: () => this.#confirmed(),
      onOutput: (stream: StreamName, offset: number, chunk: Uint8Array) => {
        if (this.#storageTrouble !== undefined) return;
        this.#session.setWaiting(this.#name, undefined);
        try {
          sinks[stream].push(offset, chunk);
        } catch (error) {
          this.#storageTrouble = error;
          following.abort();
        }
      },
      onQuestion: (question: Question | undefined) => this.#questions.changed(question),
    };
    const { runner } = this.#parts;
    if (givenUp.aborted) onGivenUp();
    givenUp.addEventListener('abort', onGivenUp, { once: true });
    try {
      if (start) return await runner.start(alias, id, spec, options);
      return await runner.attach(alias, id, options);
    } finally {
      givenUp.removeEventListener('abort', onGivenUp);
    }
  }

  #check(): void {
    this.#session.assertHeld();
    this.#stopper.throwIfGivenUp();
  }

  #confirmed(): void {
    if (this.#acked) return;
    this.#acked = true;
    this.#doubtSince = undefined;
    const { key, alias } = this.#command;
    this.#ackTimer = setTimeout(() => {
      this.#session.note({ op: 'step', key, alias, change: { acked: 1 } });
    }, ACK_AFTER_MS).unref();
  }

  /** The host knows nothing of it: it may be started now only if it was never seen started and the intent is young. */
  #requireStartable(): void {
    const { alias, intentAt } = this.#command;
    const age = this.#parts.now() - intentAt;
    if (!this.#acked && age >= 0 && age < this.#parts.limits.intentMs) return;
    const seen = this.#acked ? 'was started on' : 'may have been started long ago on';
    throw this.#interrupted(`The command ${seen} ${alias}, which has no record of it any more.`);
  }

  /** After a failed start: goes on asking only when the command may have reached the host. */
  #requireDoubt(trouble: FlotillaError): void {
    if (this.#acked || trouble.details['sent'] === true) return;
    if (trouble.details['sent'] === false) throw trouble;
    this.#doubtSince ??= performance.now();
    if (performance.now() - this.#doubtSince < VERDICT_MS) return;
    throw this.#interrupted(`Whether the command reached ${this.#command.alias} is not known.`);
  }

  #followingEnded(): FlotillaError {
    const cause = this.#storageTrouble;
    if (cause === undefined) return new FlotillaError('CONNECTION_FAILED', 'the output stream ended early');
    const message = isFlotillaError(cause)
      ? cause.message
      : 'the output cannot be stored here, the disk may be full';
    return new FlotillaError('STORAGE_FULL', message, { cause });
  }

  #lost(state: Extract<CommandState, { state: 'lost' | 'refused' }>): FlotillaError {
    const { alias } = this.#command;
    if (state.reason === 'cancelled_before_start') {
      return new FlotillaError('CANCELLED', 'The command was cancelled before it started.');
    }
    if (state.reason === 'never_started') {
      return new FlotillaError('CONNECTION_FAILED', `The command was not started on ${alias}.`, {
        details: { neverStarted: true },
      });
    }
    const words = {
      rebooted: `${alias} was restarted while the command ran`,
      supervisor_gone: `what watched over the command on ${alias} is gone`,
      connection_bound: `the command on ${alias} was bound to a connection that was lost`,
      already_removed: `the command on ${alias} had ended and its result was removed`,
    };
    return this.#interrupted(`The outcome is not known: ${words[state.reason]}.`, state.reason);
  }

  #interrupted(message: string, reason?: string): FlotillaError {
    const { alias, key } = this.#command;
    return new FlotillaError('INTERRUPTED', message, {
      details: { alias, step: key, ...(reason && { reason }) },
    });
  }
}
