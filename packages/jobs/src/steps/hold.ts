import type { RunSession } from '../run/session.ts';

/** Shows that a step waits for a person; the run's clock stops meanwhile. */
export class Hold {
  readonly #session: RunSession;
  readonly #step: { key: string; alias: string };
  #reason: string | undefined;

  constructor(session: RunSession, step: { key: string; alias: string }) {
    this.#session = session;
    this.#step = step;
  }

  show(reason: string | undefined): void {
    if (reason === this.#reason) return;
    const { key, alias } = this.#step;
    const began = this.#reason === undefined;
    this.#reason = reason;
    this.#session.setWaiting(`${key}@${alias}`, reason);
    if (!began && reason !== undefined) return;
    const state = reason === undefined ? 'running' : 'waiting';
    this.#session.note({ op: 'question', key, alias, change: { state } });
    this.#session.countQuestion(began ? 1 : -1);
  }
}
