import type { EngineParts } from '../engine-parts.ts';
import { pause } from '../run/session.ts';
import { Forgetter } from './forgetter.ts';
import { confirmStops, releaseUnblocked, requeueLost } from './reconcile.ts';
import { applyRetention } from './retention.ts';

const RECONCILE_MS = 30_000;
const RETENTION_MS = 600_000;
const STOP_MS = 500;

/** The regular work of which one process at a time does each pass. */
export class Upkeep {
  readonly forgetter: Forgetter;
  readonly #parts: EngineParts;
  readonly #timers: NodeJS.Timeout[] = [];
  #passes = new Set<Promise<void>>();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.forgetter = new Forgetter(parts);
  }

  start(): void {
    this.#every('reconcile', RECONCILE_MS, 0, () => this.reconcile());
    this.#every('retention', RETENTION_MS, RECONCILE_MS, () => applyRetention(this.#parts));
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    // A host that does not answer must not hold up the end of this process; the next pass is another's.
    await Promise.race([Promise.all([...this.#passes, this.forgetter.stop()]), pause(STOP_MS)]);
  }

  async reconcile(): Promise<void> {
    await releaseUnblocked(this.#parts);
    await requeueLost(this.#parts);
    await confirmStops(this.#parts);
    await this.forgetter.sweep();
  }

  retention(): Promise<void> {
    return applyRetention(this.#parts);
  }

  #every(name: string, periodMs: number, firstMs: number, work: () => Promise<void>): void {
    const pass = (): void => {
      const done = this.#pass(name, work).finally(() => this.#passes.delete(done));
      this.#passes.add(done);
    };
    this.#timers.push(setTimeout(pass, firstMs).unref(), setInterval(pass, periodMs).unref());
  }

  async #pass(name: string, work: () => Promise<void>): Promise<void> {
    try {
      await this.#parts.driver.exclusively(name, work);
    } catch (error) {
      this.#parts.log.warn({ err: error, pass: name }, 'upkeep failed and is tried again');
    }
  }
}
