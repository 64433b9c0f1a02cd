import { setTimeout as delay } from 'node:timers/promises';
import type { KnownTool, ToolCalls } from '@flotilla/core';

/** A process that has just started may not have begun to connect to its servers yet. */
const START_MS = 1_500;
const CONNECTING_MS = 20_000;

export interface ToolFinder {
  /** Waits while servers connect for the first time; undefined: there is no such tool. */
  find(name: string, signal: AbortSignal): Promise<KnownTool | undefined>;
  /** A tool that is not known may still come. */
  mayCome(): boolean;
}

export function createToolFinder(calls: ToolCalls): ToolFinder {
  const startedAt = performance.now() + START_MS;
  let settled = false;
  let settling: Promise<void> | undefined;
  const settle = async (): Promise<void> => {
    await delay(Math.max(0, startedAt - performance.now()), undefined, { ref: false });
    await calls.settled?.(CONNECTING_MS);
    settled = true;
  };
  return {
    async find(name, signal) {
      const known = calls.find(name);
      if (known || settled) return known;
      settling ??= settle();
      const { promise: aborted, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve(), { once: true });
      await Promise.race([settling, aborted]);
      return calls.find(name);
    },
    mayCome() {
      settling ??= settle();
      return !settled;
    },
  };
}
