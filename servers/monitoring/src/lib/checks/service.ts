import { defineService, type ServiceHost } from '@flotilla/core';
import { apiCatalogue } from '../api/service.ts';
import { vantages } from '../probe/service.ts';
import type { Eyes } from './look.ts';
import { type CheckStore, checkStore } from './store.ts';

/** Definitions, results and changes of checks. */
export const checks = defineService<CheckStore>({ name: 'checks', open: ({ state }) => checkStore(state) });

/** What looking needs. */
export const eyes = defineService<Eyes>({
  name: 'eyes',
  open: async ({ hosts, use, refusesCommand }: ServiceHost) => {
    const [catalogue, { policy, dial }] = await Promise.all([use(apiCatalogue), use(vantages)]);
    return { hosts, catalogue, policy, dial, refusesCommand };
  },
});
