import { setTimeout as delay } from 'node:timers/promises';
import type { KnownTool, ToolCalls } from '@flotilla/core';

/** Servers in other processes may still be connecting when this one has just started. */
const CONNECTING_MS = 8_000;
const LOOK_MS = 200;

export interface ToolFinder {
  /** Waits while servers may still be connecting; undefined: there is no such tool. */
  find(name: string, signal: AbortSignal): Promise<KnownTool | undefined>;
  /** A tool that is not known may still come. */
  mayCome(): boolean;
}

export function createToolFinder(calls: ToolCalls): ToolFinder {
  const connectedAt = performance.now() + CONNECTING_MS;
  const mayCome = (): boolean => performance.now() < connectedAt;
  return {
    mayCome,
    async find(name, signal) {
      for (;;) {
        const known = calls.find(name);
        if (known || !mayCome()) return known;
        await delay(LOOK_MS, undefined, { signal });
      }
    },
  };
}
