import { defineTool, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { hideInValue } from '../lib/compose/secret-values.ts';
import { withEngine } from '../lib/engine/index.ts';
import { inspectNetwork, subnetsOf } from '../lib/networks/network.ts';
import { shortId, shown, table } from '../lib/text.ts';

export const networkInspect = defineTool({
  name: 'network_inspect',
  title: 'Inspect a network',
  description:
    'One container network: driver, subnets, gateway, options, labels, and the running containers in it with their addresses.',
  effect: 'read',
  input: z.object({ alias: HostAlias, network: objectName.describe('Name or id of the network') }),
  output: z.object({
    alias: z.string(),
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
  }),
  run: (context, { alias, network }) =>
    withEngine(context, alias, async (engine) => {
      const found = await inspectNetwork(engine, network, context.signal);
      return shown({
        alias,
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
      });
    }),
  text: (output) => {
    const { alias, name, driver, subnets, containers, internal } = output;
    const head = `${alias}: network ${JSON.stringify(name)}, ${driver}${internal ? ', internal' : ''}, ${containers.length} containers`;
    const rows = [
      ...subnets.map((subnet) => ['subnet', subnet]),
      ...containers.map((one) => [one.name, one.address]),
      ...Object.entries({ ...output.options, ...output.labels }),
    ];
    return rows.length === 0 ? head : `${head}\n${table(alias, ['what', 'value'], rows)}`;
  },
});
