/** Listeners of one kind of change. A listener that throws does not keep the others from hearing it. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch {
        // Its own affair.
      }
    }
  }
}
