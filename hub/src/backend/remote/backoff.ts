export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/** Capped exponential delay with jitter: between half and all of `firstMs · 2^attempt`. `attempt` counts from 0. */
export function backoffMs(attempt: number, { firstMs, maxMs }: Backoff, random = Math.random): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(full * (0.5 + random() / 2));
}
