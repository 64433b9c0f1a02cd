export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

/** Milliseconds per call, one after the other, after a warm-up. */
export async function sequential(
  calls: number,
  warmUp: number,
  call: (index: number) => Promise<void>,
): Promise<number[]> {
  for (let index = 0; index < warmUp; index += 1) await call(index);
  const times: number[] = [];
  for (let index = 0; index < calls; index += 1) {
    const started = performance.now();
    await call(warmUp + index);
    times.push(performance.now() - started);
  }
  return times;
}

/** Calls per second with a fixed number in flight; failures are counted, not thrown. */
export async function concurrent(
  calls: number,
  inFlight: number,
  call: (index: number) => Promise<void>,
): Promise<{ perSecond: number; failed: number; firstFailure?: string }> {
  let next = 0;
  let failed = 0;
  let firstFailure: string | undefined;
  const started = performance.now();
  const worker = async (): Promise<void> => {
    while (next < calls) {
      const index = next;
      next += 1;
      try {
        await call(index);
      } catch (error) {
        failed += 1;
        firstFailure ??= error instanceof Error ? error.message : String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const perSecond = (calls - failed) / ((performance.now() - started) / 1000);
  return { perSecond, failed, ...(firstFailure && { firstFailure }) };
}
