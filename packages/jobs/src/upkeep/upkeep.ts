import type { EngineParts } from '../engine-parts.ts';
import { pause } from '../run/session.ts';
import { Forgetter } from './forgetter.ts';
import { confirmStops, mendQueue } from './reconcile.ts';
import { applyRetention } from './retention.ts';

const RECONCILE_MS = 30_000;
const RETENTION_MS = 600_000;
const STOP_MS = 500;
const AGAIN_MS = 5_000;

/** The regular work of which one process at a time does each pass. */
export class Upkeep {
  readonly forgetter: Forgetter;
  readonly #parts: EngineParts;
  readonly #timers: NodeJS.Timeout[] = [];
  #passes = new Set<Promise<void>>();
  #stopped = false;

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.forgetter = new Forgetter(parts);
  }

  start(): void {
    this.#every('reconcile', RECONCILE_MS, 0, () => this.reconcile());
    this.#parts.driver.onRecovered(() => this.#soon('reconcile', () => this.reconcile()));
    this.#every('retention', RETENTION_MS, RECONCILE_MS, () => applyRetention(this.#parts));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    // A host that does not answer must not hold up the end of this process; the next pass is another's.
    await Promise.race([Promise.all([...this.#passes, this.forgetter.stop()]), pause(STOP_MS)]);
  }

  async reconcile(): Promise<void> {
    try {
      await mendQueue(this.#parts);
    } finally {
      await confirmStops(this.#parts);
      await this.forgetter.sweep();
    }
  }

  retention(): Promise<void> {
    return applyRetention(this.#parts);
  }

  #every(name: string, periodMs: number, firstMs: number, work: () => Promise<void>): void {
    const pass = (): void => this.#begin(name, work);
    this.#timers.push(setTimeout(pass, firstMs).unref(), setInterval(pass, periodMs).unref());
  }

  /** At once, and again a little later: the first may come while another process is at it, or too early for it. */
  #soon(name: string, work: () => Promise<void>): void {
    this.#begin(name, work);
    this.#timers.push(setTimeout(() => this.#begin(name, work), AGAIN_MS).unref());
  }

  #begin(name: string, work: () => Promise<void>): void {
    if (this.#stopped) return;
    const done = this.#pass(name, work).finally(() => this.#passes.delete(done));
    this.#passes.add(done);
  }

  async #pass(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await this.#parts.driver.exclusively(name, work);
    } catch (error) {
      this.#parts.log.warn({ err: error, pass: name }, 'upkeep failed and is tried again');
    }
  }
}
