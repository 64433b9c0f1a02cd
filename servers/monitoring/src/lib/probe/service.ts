import { defineService } from '@flotilla/core';
import { addressPolicy } from './address-policy.ts';
import { type Dial, dialFromHost, dialFromHub } from './dial.ts';

/** The word for the hub itself as a vantage point. */
export const HUB = 'hub';

/** The vantage points of checks. */
export const vantages = defineService({
  name: 'vantages',
  open: ({ hosts, config }) => {
    const allowed = config['hubMayReach'];
    const policy = addressPolicy(Array.isArray(allowed) ? allowed.map(String) : []);
    const fromHub = dialFromHub(policy);
    return {
      policy,
      dial: (from: string): Dial => (from === HUB ? fromHub : dialFromHost(hosts, from)),
    };
  },
});
