import type { TicketDriver } from '@flotilla/jobs';
import { createLeases } from '@flotilla/jobs/driver';
import type { StateStore } from '@flotilla/store';
import { fleetId } from './fleet-id.ts';
import type { ProcessBase } from './open-process.ts';

/** The queue outside of the state file, when one is configured; its code is loaded only then. */
export async function openQueue(
  { config, log }: Pick<ProcessBase, 'config' | 'log'>,
  store: StateStore,
): Promise<TicketDriver | undefined> {
  const { redis } = config.jobs;
  if (!redis) return undefined;
  const { BullmqDriver } = await import('@flotilla/bullmq');
  return new BullmqDriver({ ...redis, fleet: await fleetId(store), leases: createLeases({ store }), log });
}
