import { setTimeout as delay } from 'node:timers/promises';

/** Polls until the condition gives something, for what offers no event. */
export async function until<T>(
  condition: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  what = 'the condition',
  deadlineMs = 15_000,
): Promise<T> {
  const giveUp = performance.now() + deadlineMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > giveUp) throw new Error(`timed out waiting for ${what}`);
    await delay(5);
  }
}
