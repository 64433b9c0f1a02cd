import type { Backend } from './backend/backend.ts';

/** Resolves when each has been tried once, or after this many milliseconds. */
export async function settled(backends: readonly Backend[], withinMs: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, withinMs);
  await Promise.race([Promise.all(backends.map((backend) => backend.settled)), late.promise]);
  clearTimeout(timer);
}
