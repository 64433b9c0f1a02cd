import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StateStore } from '@flotilla/store';
import { onTestFinished } from 'vitest';
import { EmbeddedDriver } from '../../src/driver/embedded.ts';
import { jobsSchema, type TicketDriver } from '../../src/index.ts';
import { ForeignWatch } from '../../src/store/foreign-watch.ts';
import type { DriverHarness } from './harness.ts';
import { spawnConsumer } from './remote-consumer.ts';

const LEASE_MS = 1_000;
const script = fileURLToPath(new URL('../fixtures/consumer-process.ts', import.meta.url));

/** The embedded driver on a state file of its own. */
export function embeddedHarness(): DriverHarness {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-driver-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return {
    leaseMs: LEASE_MS,
    ownClock: false,
    now: Date.now,
    async open(): Promise<TicketDriver> {
      const store = StateStore.open({ file: join(folder, 'state.sqlite'), parts: [jobsSchema] });
      const watch = new ForeignWatch(store);
      const driver = new EmbeddedDriver({ store, watch, leaseMs: LEASE_MS });
      await driver.open();
      onTestFinished(async () => {
        await driver.close();
        watch.stop();
        await store.close();
      });
      return driver;
    },
    spawn: (lane, { concurrency, hold, skewMs }) =>
      spawnConsumer(
        script,
        [folder, String(LEASE_MS), lane, String(concurrency), hold ? 'hold' : 'go'],
        skewMs,
      ),
  };
}
