import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { until } from '../until.ts';
import { LANE } from './consume.ts';
import type { DriverHarness } from './harness.ts';

/** What takes long: many tickets. */
export function driverLoad(name: string, makeHarness: () => DriverHarness): void {
  test(`${name} D24: 10,000 tickets are counted right, cost no memory here and are all delivered`, async () => {
    const driver = await makeHarness().open();
    const total = 10_000;
    const chunk = 500;
    const fill = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at += chunk)
        await driver.enqueueMany(Array.from({ length: chunk }, (_, i) => ({ id: `t${at + i}`, lane: LANE })));
    };
    await fill(0, 1_000);
    const before = heapUsed();
    await fill(1_000, total);
    expect(heapUsed() - before).toBeLessThan(8 * 1024 * 1024);
    expect(await driver.counts()).toEqual({ held: 0, waiting: total, delayed: 0 });
    let delivered = 0;
    driver.consume(LANE, {
      concurrency: 64,
      async handler() {
        delivered++;
        return 'done';
      },
    });
    await until(() => delivered === total, 'every delivery', 120_000);
    await until(async () => (await driver.counts()).held === 0);
    expect(await driver.counts()).toEqual({ held: 0, waiting: 0, delayed: 0 });
    expect(delivered).toBe(total);
  }, 180_000);
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
