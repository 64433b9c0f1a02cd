const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time limit of a whole run. It stands still while the run waits for a person. */
export class RunClock {
  readonly #onEnd: () => void;
  #leftMs: number;
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `limitMs` 0: no limit. Time before an adoption counts from `startedAt`. */
  constructor(limitMs: number, startedAt: number, now: number, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#leftMs =
      limitMs > 0 ? Math.max(0, limitMs - Math.max(0, now - startedAt)) : Number.POSITIVE_INFINITY;
    this.go();
  }

  go(): void {
    if (this.#since !== undefined || this.#leftMs > LONGEST_TIMER_MS) return;
    this.#since = performance.now();
    this.#timer = setTimeout(this.#onEnd, this.#leftMs);
    this.#timer.unref();
  }

  hold(): void {
    if (this.#since === undefined) return;
    this.#leftMs = Math.max(0, this.#leftMs - (performance.now() - this.#since));
    this.stop();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#since = undefined;
  }
}
