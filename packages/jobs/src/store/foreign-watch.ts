import type { StateStore } from '@flotilla/store';

export interface WatchListener {
  /** Another process committed something. */
  changed(): void;
  /** Whether it wants to know within 25 ms rather than 100 ms. */
  eager(): boolean;
}

const EAGER_MS = 25;
const IDLE_MS = 100;

/** Notices commits of other processes by asking for SQLite's data_version (microseconds a look). */
export class ForeignWatch {
  readonly #store: StateStore;
  readonly #listeners = new Set<WatchListener>();
  #timer: NodeJS.Timeout | undefined;
  #version: number | undefined;
  #armedMs = 0;

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** Returns the unsubscriber. The timer keeps no process alive. */
  subscribe(listener: WatchListener): () => void {
    this.#listeners.add(listener);
    if (!this.#timer) {
      this.#version = this.#store.foreignVersion();
      this.#arm(EAGER_MS);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Looks again soon: someone has become eager. */
  hurry(): void {
    if (this.#timer && this.#armedMs > EAGER_MS) this.#arm(EAGER_MS);
  }

  #arm(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#armedMs = afterMs;
    this.#timer = setTimeout(() => this.#look(), afterMs);
    this.#timer.unref();
  }

  #look(): void {
    const version = this.#store.foreignVersion();
    const changed = version !== this.#version;
    this.#version = version;
    if (changed) for (const listener of [...this.#listeners]) listener.changed();
    if (this.#listeners.size === 0) return;
    this.#arm([...this.#listeners].some((listener) => listener.eager()) ? EAGER_MS : IDLE_MS);
  }
}
