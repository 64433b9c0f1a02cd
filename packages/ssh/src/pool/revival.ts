import { isFlotillaError } from '@flotilla/core';
import { backoffMs } from './backoff.ts';

/** Attempts in a row to bring a lost connection back while nobody waits for it. */
const MAX_ATTEMPTS = 8;

/** Decides when to connect again to a host whose connection was lost. */
export interface Revival {
  /** A connection that worked was lost. */
  lost(now: number): void;
  /** `wasLost` tells whether it replaces a lost one. */
  connected(): { wasLost: boolean };
  failed(error: unknown, now: number): void;
  stop(): void;
  /** When to try again without being asked; Infinity = never. */
  dueAt(): number;
  /** Before this time no connection is added to existing ones. */
  growAfter(): number;
}

/**
 * Only a lost connection is brought back unasked, with growing pauses; a host that refuses login or shows
 * another key is left alone.
 */
export function revival(random = Math.random): Revival {
  let failures = 0;
  let after = 0;
  let reviving = false;
  return {
    lost(now) {
      reviving = true;
      after = now + backoffMs(1, random);
    },
    connected() {
      const wasLost = reviving;
      reviving = false;
      failures = 0;
      after = 0;
      return { wasLost };
    },
    failed(error, now) {
      failures++;
      after = now + backoffMs(failures, random);
      const mayPass = isFlotillaError(error) && error.code === 'CONNECTION_FAILED';
      if (!mayPass || failures >= MAX_ATTEMPTS) reviving = false;
    },
    stop() {
      reviving = false;
    },
    dueAt: () => (reviving ? after : Number.POSITIVE_INFINITY),
    growAfter: () => after,
  };
}
