import { defineTool, FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { labels, objectName } from '../lib/arguments.ts';
import { withEngine } from '../lib/engine/index.ts';
import { inspectNetwork, listNetworks, subnetsOf } from '../lib/networks/network.ts';
import { shortId, shown } from '../lib/text.ts';

const Created = z.looseObject({ Id: z.string() });

export const networkCreate = defineTool({
  name: 'network_create',
  title: 'Create a network',
  description:
    'Makes a network in which containers reach each other by name. internal: true gives it no way out.',
  effect: 'write',
  input: z.object({
    alias: HostAlias,
    network: objectName.describe('Name of the new network'),
    driver: z
      .string()
      .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'a driver name')
      .default('bridge')
      .describe('Driver; default bridge'),
    subnet: z
      .string()
      .regex(/^[0-9a-fA-F.:]{2,45}\/\d{1,3}$/, 'e.g. 172.30.0.0/24')
      .optional()
      .describe('Subnet; default chosen by the engine'),
    internal: z.boolean().default(false).describe('No way out of it'),
    labels,
  }),
  output: z.object({
    alias: z.string(),
    network: z.string(),
    id: z.string(),
    driver: z.string(),
    subnets: z.array(z.string()),
  }),
  run: (context, input) =>
    withEngine(context, input.alias, async (engine) => {
      const { alias, network, driver, subnet, internal } = input;
      const { signal } = context;
      // Engines allow several networks of one name; that only makes trouble.
      if ((await listNetworks(engine, signal)).some(({ Name }) => Name === network))
        throw new FlotillaError('ALREADY_EXISTS', `${alias} has a network of that name.`, {
          details: { alias, network },
          hint: 'See network_inspect, or choose another name.',
        });
      const body = {
        Name: network,
        Driver: driver,
        Internal: internal,
        CheckDuplicate: true,
        Labels: input.labels ?? {},
        ...(subnet !== undefined && { IPAM: { Config: [{ Subnet: subnet }] } }),
      };
      const { Id } = await engine.json(Created, '/networks/create', { method: 'POST', body, signal });
      const made = await inspectNetwork(engine, Id, signal);
      return shown({
        alias,
        network,
        id: shortId(Id),
        driver: made.Driver ?? driver,
        subnets: subnetsOf(made),
      });
    }),
  text: ({ alias, network, id, subnets }) =>
    `${alias}: made network ${network} (${id})${subnets.length > 0 ? `, ${subnets.join(' ')}` : ''}. Undo: network_remove.`,
});
