/** Pause after the n-th failure in a row: 1 s, doubling, at most a minute, with half of it as jitter. */
export function backoffMs(failures: number, random = Math.random): number {
  const full = Math.min(60_000, 1_000 * 2 ** (failures - 1));
  return full / 2 + (full / 2) * random();
}
