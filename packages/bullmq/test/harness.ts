import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jobsSchema } from '@flotilla/jobs';
import { createLeases } from '@flotilla/jobs/driver';
import { type DriverHarness, spawnConsumer } from '@flotilla/jobs/testing';
import { StateStore } from '@flotilla/store';
import type { TestRedis } from '@flotilla/testkit';
import { tempDir } from '@flotilla/testkit';
import { onTestFinished } from 'vitest';
import { BullmqDriver } from '../src/index.ts';

const LEASE_MS = 1_000;
const CHECK_MS = 400;
const script = fileURLToPath(new URL('./fixtures/consumer-process.ts', import.meta.url));

/** Drivers of one fleet in a Redis; `leases` in a state file of their own. */
export function bullmqHarness(redis: TestRedis, url = redis.url): DriverHarness {
  const fleet = randomBytes(6).toString('hex');
  const folder = tempDir('flotilla-leases-');
  onTestFinished(folder.remove);
  return {
    leaseMs: LEASE_MS,
    ownClock: true,
    now: Date.now,
    async open() {
      const store = StateStore.open({ file: join(folder.path, 'state.sqlite'), parts: [jobsSchema] });
      const driver = new BullmqDriver({
        url,
        fleet,
        leaseMs: LEASE_MS,
        checkMs: CHECK_MS,
        leases: createLeases({ store, leaseMs: LEASE_MS }),
      });
      await driver.open();
      onTestFinished(async () => {
        await driver.close();
        await store.close();
      });
      return driver;
    },
    spawn: (lane, { concurrency, hold, skewMs }) =>
      spawnConsumer(
        script,
        [url, fleet, String(LEASE_MS), String(CHECK_MS), lane, String(concurrency), hold ? 'hold' : 'go'],
        skewMs,
      ),
  };
}
