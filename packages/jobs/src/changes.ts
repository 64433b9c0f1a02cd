/** Tells waiters in this process that a run changed. */
export class Changes {
  readonly #listeners = new Map<string, Set<() => void>>();

  on(runId: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(runId) ?? new Set();
    this.#listeners.set(runId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(runId) === listeners) this.#listeners.delete(runId);
    };
  }

  emit(runId: string): void {
    for (const listener of [...(this.#listeners.get(runId) ?? [])]) listener();
  }

  emitAll(): void {
    for (const runId of [...this.#listeners.keys()]) this.emit(runId);
  }

  get size(): number {
    return this.#listeners.size;
  }
}
