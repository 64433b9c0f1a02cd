import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Default 10,000. */
  timeoutMs?: number;
  /** Default 10. */
  intervalMs?: number;
  /** What is waited for, named in the error. */
  what?: string;
}

/** Resolves with the first truthy value of `condition`; rejects after the deadline. For what no event announces. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const { timeoutMs = 10_000, intervalMs = 10, what = condition.toString() } = options;
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(intervalMs);
  }
}
