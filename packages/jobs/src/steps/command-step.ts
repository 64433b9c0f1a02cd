import type {
  CommandOutcome,
  CommandSpec,
  CommandStepResult,
  FlotillaError,
  RetryPolicy,
  StreamName,
} from '@flotilla/core';
import type { ExecutorParts } from '../engine-parts.ts';
import { asError, errorFromFailure, failureJson } from '../failures.ts';
import { commandId } from '../ids.ts';
import type { OutputSink } from '../output/outputs.ts';
import { pause, type RunSession } from '../run/session.ts';
import { CommandFollower } from './command-follower.ts';
import { judge } from './retry.ts';
import type { StepChange, StepRow } from './step-rows.ts';
import { refuseStopped, stopError } from './stopped.ts';

export interface CommandStep {
  key: string;
  alias: string;
  spec: CommandSpec;
  retry: RetryPolicy | undefined;
}

/** A detached command, started at most once and attached to after a crash. */
export async function runCommandStep(
  parts: ExecutorParts,
  session: RunSession,
  step: CommandStep,
): Promise<CommandStepResult> {
  session.assertHeld();
  const recorded = session.book.take(step.key, step.alias, 'command');
  if (recorded?.failure) throw errorFromFailure(recorded.failure);
  if (recorded?.outcome) return JSON.parse(recorded.outcome) as CommandStepResult;
  return new CommandAttempts(parts, session, step, recorded).run();
}

class CommandAttempts {
  readonly #parts: ExecutorParts;
  readonly #session: RunSession;
  readonly #step: CommandStep;
  readonly #name: string;
  #attempt: number;
  /** The attempt that may be on the host already. */
  #open: { id: string; acked: boolean; intentAt: number } | undefined;

  constructor(parts: ExecutorParts, session: RunSession, step: CommandStep, recorded: StepRow | undefined) {
    this.#parts = parts;
    this.#session = session;
    this.#step = step;
    this.#name = `${step.key}@${step.alias}`;
    this.#attempt = recorded?.attempt ?? 0;
    if (recorded?.command_id && recorded.state !== 'queued') {
      this.#open = { id: recorded.command_id, acked: recorded.acked === 1, intentAt: recorded.intent_at };
    }
  }

  async run(): Promise<CommandStepResult> {
    for (let tries = 1; ; tries++) {
      if (!this.#open) refuseStopped(this.#session);
      const sinks = await this.#sinks(this.#open ? this.#attempt : this.#attempt + 1);
      try {
        const outcome = await this.#follow(sinks);
        return this.#ended(outcome, sinks);
      } catch (cause) {
        this.#session.assertHeld();
        const { error, retryInMs } = judge(asError(cause), tries, this.#step.retry);
        const final = retryInMs === undefined || !neverLeft(error) || this.#session.stopReason;
        if (final) throw this.#failed(error);
        this.#session.setWaiting(this.#name, `attempt ${tries + 1} on ${this.#step.alias}: ${error.message}`);
        await pause(retryInMs, this.#session.signal);
        this.#open = undefined;
      } finally {
        this.#session.setWaiting(this.#name, undefined);
        for (const sink of Object.values(sinks)) {
          this.#session.sinks.delete(sink);
          sink.close();
        }
      }
    }
  }

  async #follow(sinks: Record<StreamName, OutputSink>): Promise<CommandOutcome> {
    const fresh = this.#open === undefined;
    const open = this.#open ?? (await this.#begin());
    const { alias, key, spec } = this.#step;
    const follower = new CommandFollower(this.#parts, this.#session, { ...open, alias, key, spec, sinks });
    return follower.follow(fresh);
  }

  /** The intent survives a power cut before anything leaves for the host. */
  async #begin(): Promise<{ id: string; acked: boolean; intentAt: number }> {
    const { key, alias } = this.#step;
    this.#attempt++;
    const id = commandId(this.#session.id, key, alias, this.#attempt);
    const intentAt = this.#parts.now();
    const step = {
      key,
      alias,
      kind: 'command' as const,
      attempt: this.#attempt,
      command_id: id,
      intent_at: intentAt,
      remote: 'kept' as const,
    };
    await this.#session.write([{ op: 'intent', step }], { durable: true });
    refuseStopped(this.#session);
    this.#open = { id, acked: false, intentAt };
    return this.#open;
  }

  #ended(outcome: CommandOutcome, sinks: Record<StreamName, OutputSink>): CommandStepResult {
    const { capturedBytes } = this.#parts.limits;
    const result: CommandStepResult = {
      ...outcome,
      stdout: sinks.stdout.captured(capturedBytes),
      stderr: sinks.stderr.captured(capturedBytes),
    };
    const cancelled = outcome.cancelled || (this.#session.stopReason !== undefined && outcome.timedOut);
    const stopped = cancelled ? stopError(this.#session) : undefined;
    this.#record({
      state: cancelled ? 'cancelled' : stateOf(outcome),
      acked: 1,
      outcome: JSON.stringify(result),
      exit_code: outcome.exitCode,
      signal: outcome.signal,
      note: outcome.notes?.join('; ') ?? null,
      ...(stopped && { failure: failureJson(stopped, this.#parts.redactor, this.#parts.now()) }),
    });
    if (!stopped) return result;
    this.#session.cutShort = true;
    throw stopped;
  }

  #failed(error: FlotillaError): FlotillaError {
    if (this.#session.stopReason) this.#session.cutShort = true;
    const mayRun = error.details['remoteMayStillRun'] === true;
    this.#record({
      state:
        error.code === 'INTERRUPTED' ? 'interrupted' : error.code === 'CANCELLED' ? 'cancelled' : 'failed',
      failure: failureJson(error, this.#parts.redactor, this.#parts.now()),
      ...(mayRun && { remote: 'stopping' as const, note: 'remoteMayStillRun' }),
    });
    return error;
  }

  #record(change: StepChange): void {
    const { key, alias } = this.#step;
    const whole = { ...change, question: null, asked_at: null, ended_at: this.#parts.now() };
    this.#session.note({ op: 'step', key, alias, change: whole });
  }

  async #sinks(attempt: number): Promise<Record<StreamName, OutputSink>> {
    const { key, alias } = this.#step;
    const open = (stream: StreamName): OutputSink | Promise<OutputSink> =>
      this.#parts.outputs.open({
        run: this.#session,
        stream: { key, alias, attempt, stream },
        fresh: this.#open === undefined,
        onText: (text) => {
          this.#session.tail.push(alias, text);
          this.#session.outputGrew();
        },
      });
    const sinks = { stdout: await open('stdout'), stderr: await open('stderr') };
    this.#session.sinks.add(sinks.stdout).add(sinks.stderr);
    return sinks;
  }
}

/** The failed try is known not to have started anything, so a further one is safe. */
const neverLeft = (error: FlotillaError): boolean =>
  error.details['sent'] === false || error.details['neverStarted'] === true;

function stateOf(outcome: CommandOutcome): 'succeeded' | 'failed' | 'timed_out' {
  if (outcome.timedOut) return 'timed_out';
  return outcome.exitCode === 0 ? 'succeeded' : 'failed';
}
