export interface Heartbeat {
  id: string;
  beat: number;
}

/**
 * Measures how long others have been silent, on this process's monotonic clock alone. Time in which this
 * process itself did not look (frozen, busy) does not count.
 */
export class SilenceMeter {
  readonly #maxStepMs: number;
  readonly #seen = new Map<string, { beat: number; silentMs: number }>();
  #lookedAt: number | undefined;

  /** `maxStepMs`: the most that one look may add. */
  constructor(maxStepMs: number) {
    this.#maxStepMs = maxStepMs;
  }

  /** One look at everyone's counters; returns the silence of each in milliseconds. */
  look(beats: readonly Heartbeat[], now = performance.now()): Map<string, number> {
    const passed = this.#lookedAt === undefined ? 0 : Math.min(now - this.#lookedAt, this.#maxStepMs);
    this.#lookedAt = now;
    const silence = new Map<string, number>();
    for (const { id, beat } of beats) {
      const before = this.#seen.get(id);
      silence.set(id, before?.beat === beat ? before.silentMs + passed : 0);
      this.#seen.set(id, { beat, silentMs: silence.get(id) ?? 0 });
    }
    for (const id of this.#seen.keys()) if (!silence.has(id)) this.#seen.delete(id);
    return silence;
  }
}
