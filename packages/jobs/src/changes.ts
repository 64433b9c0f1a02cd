/** `stored`: its rows changed. `live`: only what its executing process knows of it, e.g. more output. */
export type ChangeKind = 'stored' | 'live';

export type ChangeListener = (kind: ChangeKind) => void;

/** Tells waiters in this process that a run changed. */
export class Changes {
  readonly #listeners = new Map<string, Set<ChangeListener>>();

  on(runId: string, listener: ChangeListener): () => void {
    const listeners = this.#listeners.get(runId) ?? new Set();
    this.#listeners.set(runId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(runId) === listeners) this.#listeners.delete(runId);
    };
  }

  emit(runId: string, kind: ChangeKind = 'stored'): void {
    for (const listener of [...(this.#listeners.get(runId) ?? [])]) listener(kind);
  }

  emitAll(): void {
    for (const runId of [...this.#listeners.keys()]) this.emit(runId);
  }

  get size(): number {
    return this.#listeners.size;
  }
}
