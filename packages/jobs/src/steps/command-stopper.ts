import { type CancelResult, type CommandOutcome, FlotillaError } from '@flotilla/core';
import type { ExecutorParts } from '../engine-parts.ts';
import { asError } from '../failures.ts';
import { pause, type RunSession } from '../run/session.ts';

const TRIES = 3;
const FIRST_WAIT_MS = 500;

/** Carries a stop of the run to one command on its host, and gives up following when the host cannot be reached. */
export class CommandStopper {
  readonly #parts: ExecutorParts;
  readonly #session: RunSession;
  readonly #command: { id: string; alias: string };
  readonly #giveUp = new AbortController();
  readonly #onStop = (): void => void this.#stop();
  readonly #onGone = (): void => this.#giveUp.abort();
  readonly #told = new AbortController();
  #result: CancelResult | undefined;
  #unreachable: FlotillaError | undefined;

  constructor(parts: ExecutorParts, session: RunSession, command: { id: string; alias: string }) {
    this.#parts = parts;
    this.#session = session;
    this.#command = command;
  }

  /** Aborted when there is nothing left to follow. */
  get givenUp(): AbortSignal {
    return this.#giveUp.signal;
  }

  watch(): void {
    const { signal, gone } = this.#session;
    gone.addEventListener('abort', this.#onGone, { once: true });
    if (signal.aborted) this.#onStop();
    else signal.addEventListener('abort', this.#onStop, { once: true });
  }

  close(): void {
    this.#session.signal.removeEventListener('abort', this.#onStop);
    this.#session.gone.removeEventListener('abort', this.#onGone);
  }

  /** Waits before the next connection; less when the host has just been told to stop the command. */
  async pause(ms: number): Promise<void> {
    const told = this.#told.signal;
    if (told.aborted) await pause(Math.min(ms, FIRST_WAIT_MS), this.givenUp);
    else await pause(ms, AbortSignal.any([told, this.givenUp]));
  }

  throwIfGivenUp(): void {
    if (!this.#giveUp.signal.aborted) return;
    this.#session.assertHeld();
    const { alias } = this.#command;
    if (!this.#unreachable)
      throw new FlotillaError('CANCELLED', 'The command was cancelled before it started.');
    throw new FlotillaError(
      'CANCELLED',
      `The command may still run on ${alias}, which could not be reached.`,
      {
        details: { alias, remoteMayStillRun: true, cause: this.#unreachable.message },
        hint: 'It is tried again until the host answers. See task_status.',
      },
    );
  }

  notes(outcome: CommandOutcome): { notes?: string[] } {
    const survivors = this.#result?.survivors ?? [];
    if (survivors.length === 0) return {};
    return {
      notes: [...(outcome.notes ?? []), `processes that could not be stopped: ${survivors.join(', ')}`],
    };
  }

  async #stop(): Promise<void> {
    const reason = this.#session.stopReason;
    if (!reason) return;
    const { alias, id } = this.#command;
    for (let tried = 1, waitMs = FIRST_WAIT_MS; !this.#session.gone.aborted; tried++, waitMs *= 2) {
      try {
        this.#result = await this.#parts.runner.cancel(alias, id, { reason });
        this.#told.abort();
        if (this.#result.state === 'not_started') this.#giveUp.abort();
        return;
      } catch (cause) {
        this.#unreachable = asError(cause);
        if (tried === TRIES) return this.#giveUp.abort();
        await pause(waitMs, this.#session.gone);
      }
    }
  }
}
