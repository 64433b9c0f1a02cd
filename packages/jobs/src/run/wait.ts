import { FlotillaError, isOpen, type RunUpdate, type RunView } from '@flotilla/core';
import type { EngineParts } from '../engine-parts.ts';
import { runState } from './run-rows.ts';

export interface WaitOptions {
  signal?: AbortSignal;
  onUpdate?(update: RunUpdate): void;
}

/**
 * Resolves when the run ended or asks something, or after `waitMs`; sees runs of other processes too. Between
 * its first look and its last one only the state is read. NOT_FOUND.
 */
export async function waitForRun(
  parts: EngineParts,
  get: (id: string) => RunView,
  id: string,
  waitMs: number,
  options: WaitOptions = {},
): Promise<RunView> {
  let state = stateOf(parts, id);
  if (settled(state) || waitMs <= 0) return get(id);
  const news = new RunNews(parts, id, waitMs, options.signal);
  try {
    while (!settled(state) && !news.over) {
      const kind = await news.next();
      if (kind === 'stored') state = stateOf(parts, id);
      if (kind && !settled(state)) options.onUpdate?.(updateOf(parts, get, id, state));
    }
  } finally {
    news.close();
  }
  const view = get(id);
  if (settled(view.state)) options.onUpdate?.(toUpdate(view));
  return view;
}

const settled = (state: RunView['state']): boolean => !isOpen(state) || state === 'waiting';

function stateOf(parts: EngineParts, id: string): RunView['state'] {
  const state = parts.store.read((sql) => runState(sql, id));
  if (state) return state;
  throw new FlotillaError('NOT_FOUND', `There is no run ${id}.`, { details: { id } });
}

/** What this process executes itself is told from memory. */
function updateOf(
  parts: EngineParts,
  get: (id: string) => RunView,
  id: string,
  state: RunView['state'],
): RunUpdate {
  const session = parts.sessions.get(id);
  if (!session) return toUpdate(get(id));
  return { state, tail: session.tail.text, ...(session.progress && { progress: session.progress }) };
}

const toUpdate = ({ state, tail, progress }: RunView): RunUpdate => ({
  state,
  tail,
  ...(progress && { progress }),
});

/** The changes of one run until a time; several at once are one. */
class RunNews {
  over = false;
  readonly #off: () => void;
  readonly #timer: NodeJS.Timeout;
  readonly #parts: EngineParts;
  readonly #signal: AbortSignal | undefined;
  readonly #onOver = (): void => {
    this.over = true;
    this.#wake?.();
  };
  #stored = false;
  #live = false;
  #wake: (() => void) | undefined;

  constructor(parts: EngineParts, id: string, waitMs: number, signal: AbortSignal | undefined) {
    this.#parts = parts;
    this.#signal = signal;
    this.#off = parts.changes.on(id, (kind) => {
      if (kind === 'stored') this.#stored = true;
      else this.#live = true;
      this.#wake?.();
    });
    this.#timer = setTimeout(this.#onOver, Math.min(waitMs, 2 ** 31 - 1));
    if (signal?.aborted) this.over = true;
    signal?.addEventListener('abort', this.#onOver, { once: true });
  }

  /** The next change; undefined when the wait is over without one. */
  async next(): Promise<'stored' | 'live' | undefined> {
    if (!this.#stored && !this.#live && !this.over) {
      this.#parts.watch.hurry();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const kind = this.#stored ? 'stored' : this.#live ? 'live' : undefined;
    this.#stored = false;
    this.#live = false;
    return kind;
  }

  close(): void {
    this.#off();
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onOver);
  }
}
