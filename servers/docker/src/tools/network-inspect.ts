import {
  anyHostFailed,
  defineTool,
  eachHost,
  fanOutArguments,
  HostTarget,
  hostRowSchema,
  rowsText,
} from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { hideInValue } from '../lib/compose/secret-values.ts';
import { withEngine } from '../lib/engine/index.ts';
import { inspectNetwork, subnetsOf } from '../lib/networks/network.ts';
import { shortId, shown, table } from '../lib/text.ts';

const Network = z.object({
  name: z.string(),
  id: z.string(),
  driver: z.string(),
  scope: z.string(),
  internal: z.boolean(),
  subnets: z.array(z.string()),
  gateways: z.array(z.string()),
  containers: z.array(z.object({ name: z.string(), address: z.string() })),
  labels: z.record(z.string(), z.string()),
  options: z.record(z.string(), z.string()),
});

export const networkInspect = defineTool({
  name: 'network_inspect',
  title: 'Inspect a network',
  description:
    'One container network: driver, subnets, gateway, options, labels, and the running containers in it with their addresses.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    network: objectName.describe('Name or id of the network'),
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema({ network: Network })) }),
  isError: anyHostFailed,
  run: async (context, { network, ...target }) => ({
    rows: await eachHost(context, target, (alias) =>
      withEngine(context, alias, async (engine) => {
        const found = await inspectNetwork(engine, network, context.signal);
        return {
          network: shown({
            name: found.Name,
            id: shortId(found.Id),
            driver: found.Driver ?? '',
            scope: found.Scope ?? '',
            internal: found.Internal === true,
            subnets: subnetsOf(found),
            gateways: (found.IPAM?.Config ?? []).flatMap(({ Gateway }) => Gateway ?? []),
            containers: Object.entries(found.Containers ?? {}).map(([id, { Name, IPv4Address }]) => ({
              name: Name ?? shortId(id),
              address: IPv4Address ?? '',
            })),
            labels: hideInValue(found.Labels ?? {}) as Record<string, string>,
            options: hideInValue(found.Options ?? {}) as Record<string, string>,
          }),
        };
      }),
    ),
  }),
  text: ({ rows: hosts }, { network: wanted }) =>
    rowsText<{ network: z.infer<typeof Network> }>(hosts, ({ alias, network }) => {
      const { driver, subnets, containers, internal, options, labels } = network;
      const head = `${alias}: network ${wanted}${internal ? ', internal' : ''}, ${containers.length} containers`;
      const rows = [
        ['driver', driver],
        ...subnets.map((subnet) => ['subnet', subnet]),
        ...containers.map((one) => [one.name, one.address]),
        ...Object.entries({ ...options, ...labels }),
      ];
      return `${head}\n${table(alias, ['what', 'value'], rows)}`;
    }),
});
