import { FlotillaError, isFlotillaError } from '@flotilla/core';
import type { StateStore } from '@flotilla/store';
import { append, type Draft } from './chain.ts';

/** How long an end row may wait for others, milliseconds. */
const GATHER_MS = 25;
/** Rows kept while the state file cannot be written; the oldest ones are the ones worth keeping. */
const MOST_WAITING = 10_000;

export interface RowWriter {
  /** Takes a row; `soon` = with the next transaction of the state file, else together with others within 25 ms. */
  add(draft: Draft, soon: boolean): void;
  /** Why rows could not be stored at the last attempt. */
  failure(): FlotillaError | undefined;
  /** Resolves when every row taken so far is stored or failed to be. */
  flush(): Promise<void>;
}

/** Gathers rows and appends them to the chain; the caller never waits. Rows that could not be stored are tried again. */
export function createRowWriter(store: StateStore, key: Uint8Array): RowWriter {
  let waiting: Draft[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let failure: FlotillaError | undefined;

  const write = async (): Promise<void> => {
    let taken = 0;
    try {
      await store.write(
        (sql) => {
          taken = waiting.length;
          if (taken > 0) append(sql, key, waiting);
        },
        { durable: false },
      );
      waiting = waiting.slice(taken);
      failure = undefined;
    } catch (error) {
      failure = isFlotillaError(error)
        ? error
        : new FlotillaError('INTERNAL', 'The audit log cannot be written.', { cause: error });
    }
  };

  const start = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing ??= write().finally(() => {
      writing = undefined;
      if (waiting.length > 0 && !failure) void start();
    });
    return writing;
  };

  return {
    add(draft, soon) {
      if (waiting.length < MOST_WAITING) waiting.push(draft);
      if (soon) void start();
      else timer ??= setTimeout(() => void start(), GATHER_MS).unref();
    },
    failure: () => failure,
    async flush() {
      await writing;
      do await start();
      while (waiting.length > 0 && !failure);
    },
  };
}
