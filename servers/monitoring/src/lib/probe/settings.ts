import { z } from 'zod';

/** Part of `servers.monitoring` of the config. */
export const probeConfig = {
  hubMayReach: z
    .array(z.string().max(50))
    .max(100)
    .default([])
    .describe(
      "Addresses or networks of the hub's own machine, link-local or metadata that its checks may reach all the same, e.g. 127.0.0.1",
    ),
};
