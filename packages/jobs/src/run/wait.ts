import { isOpen, type RunUpdate, type RunView } from '@flotilla/core';
import type { EngineParts } from '../engine-parts.ts';
import { runState } from './run-rows.ts';

export interface WaitOptions {
  signal?: AbortSignal;
  onUpdate?(update: RunUpdate): void;
}

/** Resolves when the run ended or asks something, or after `waitMs`; sees runs of other processes too. */
export async function waitForRun(
  parts: EngineParts,
  get: (id: string) => RunView,
  id: string,
  waitMs: number,
  options: WaitOptions = {},
): Promise<RunView> {
  let view = get(id);
  const deadline = performance.now() + waitMs;
  while (!settled(view.state) && performance.now() < deadline && !options.signal?.aborted) {
    await nextChange(parts, id, deadline - performance.now(), options.signal);
    const state = parts.store.read((sql) => runState(sql, id));
    if (state && !settled(state) && !options.onUpdate) continue;
    view = get(id);
    options.onUpdate?.({
      state: view.state,
      tail: view.tail,
      ...(view.progress && { progress: view.progress }),
    });
  }
  return settled(view.state) ? view : get(id);
}

const settled = (state: RunView['state']): boolean => !isOpen(state) || state === 'waiting';

function nextChange(parts: EngineParts, id: string, waitMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const off = parts.changes.on(id, done);
    const timer = setTimeout(done, Math.min(waitMs, 2 ** 31 - 1));
    signal?.addEventListener('abort', done, { once: true });
    parts.watch.hurry();
    function done(): void {
      off();
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
