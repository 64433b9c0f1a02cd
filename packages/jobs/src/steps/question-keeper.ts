import type { Question } from '@flotilla/core';
import type { ExecutorParts } from '../engine-parts.ts';
import type { RunSession } from '../run/session.ts';
import type { StepChange } from './step-rows.ts';

/** Records what a command asks, for any process to answer, and stops the command when nobody does in time. */
export class QuestionKeeper {
  readonly #parts: ExecutorParts;
  readonly #session: RunSession;
  readonly #command: { id: string; alias: string; key: string };
  #asking: Question | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(
    parts: ExecutorParts,
    session: RunSession,
    command: { id: string; alias: string; key: string },
  ) {
    this.#parts = parts;
    this.#session = session;
    this.#command = command;
  }

  changed(question: Question | undefined): void {
    if (question?.number === this.#asking?.number) return;
    const { key, alias } = this.#command;
    const wasAsking = this.#asking !== undefined;
    this.#asking = question;
    clearTimeout(this.#expiry);
    const { redactor } = this.#parts;
    const shown = question && { ...question, prompt: redactor?.text(question.prompt) ?? question.prompt };
    const change: StepChange = shown
      ? { state: 'waiting', question: JSON.stringify(shown), asked_at: this.#parts.now() }
      : { state: 'running', question: null, asked_at: null };
    this.#session.note({ op: 'question', key, alias, change });
    if (question) this.#expireLater();
    if (wasAsking !== (question !== undefined)) this.#session.countQuestion(question ? 1 : -1);
  }

  close(): void {
    clearTimeout(this.#expiry);
    if (this.#asking) this.#session.countQuestion(-1);
    this.#asking = undefined;
  }

  #expireLater(): void {
    const { id, alias } = this.#command;
    this.#expiry = setTimeout(() => {
      this.#parts.runner.cancel(alias, id, { reason: 'timeout' }).catch((error: unknown) => {
        this.#parts.log.warn(
          { err: error, run: this.#session.id },
          'an expired question could not be stopped',
        );
      });
    }, this.#parts.limits.questionMs).unref();
  }
}
