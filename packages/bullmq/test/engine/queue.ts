import { createHash } from 'node:crypto';
import type { RunLimits } from '@flotilla/jobs';
import { createLeases } from '@flotilla/jobs/driver';
import { useQueue } from '@flotilla/jobs/testing/fixtures/world';
import type { StateStore } from '@flotilla/store';
import { BullmqDriver } from '../../src/index.ts';

/** Engine tests get the Redis of this variable, also in the processes that they start. */
export const REDIS_URL = 'FLOTILLA_TEST_REDIS_URL';

export const fleetOf = (folder: string): string =>
  createHash('sha256').update(folder).digest('hex').slice(0, 12);

export function bullmqFor(folder: string, store: StateStore, limits: Partial<RunLimits> = {}): BullmqDriver {
  const { leaseMs = 1_500 } = limits;
  return new BullmqDriver({
    url: process.env[REDIS_URL] ?? '',
    fleet: fleetOf(folder),
    leaseMs,
    checkMs: leaseMs / 3,
    leases: createLeases({ store, leaseMs }),
  });
}

/** All hubs of this process have their queue in the Redis. */
export function queueInRedis(): void {
  useQueue({ driver: bullmqFor, hubProcess: new URL('../fixtures/hub-process.ts', import.meta.url) });
}
