import { defineTool, FlotillaError, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { objectName } from '../lib/arguments.ts';
import { withEngine } from '../lib/engine/index.ts';
import { BUILT_IN_NETWORKS, inspectNetwork, networkPath } from '../lib/networks/network.ts';
import { shortId, shown } from '../lib/text.ts';

export const networkRemove = defineTool({
  name: 'network_remove',
  title: 'Remove a network',
  description:
    'Removes a container network that no running container is in; those of the engine itself are refused. dryRun says what is in it.',
  effect: { max: 'destroy', of: (input) => (input.dryRun ? 'read' : 'destroy') },
  input: z.object({
    alias: HostAlias,
    network: objectName.describe('Name or id of the network'),
    dryRun: z.boolean().default(false).describe('Only answer with what would be removed'),
  }),
  output: z.object({
    alias: z.string(),
    network: z.string(),
    id: z.string(),
    containers: z.array(z.string()),
    removed: z.boolean(),
    dryRun: z.boolean(),
  }),
  run: (context, { alias, network, dryRun }) =>
    withEngine(context, alias, async (engine) => {
      const { signal } = context;
      const found = await inspectNetwork(engine, network, signal);
      const containers = Object.entries(found.Containers ?? {}).map(([id, { Name }]) => Name ?? shortId(id));
      const base = shown({ alias, network: found.Name, id: shortId(found.Id), containers, dryRun });
      if (BUILT_IN_NETWORKS.has(found.Name))
        throw new FlotillaError('DENIED', 'This network belongs to the engine itself.', {
          details: { alias, network },
          hint: 'It cannot be removed.',
        });
      if (dryRun) return { ...base, removed: false };
      if (containers.length > 0)
        throw new FlotillaError('CONFLICT', 'Containers are in this network.', {
          details: { alias, network, remote: base.containers.join(', ') },
          hint: 'Stop or remove them first.',
        });
      await engine.send(networkPath(found.Id), { method: 'DELETE', signal });
      return { ...base, removed: true };
    }),
  text: ({ alias, network, id, containers, dryRun }) =>
    `${alias}: network ${JSON.stringify(network)} (${id}) ${dryRun ? 'would be' : 'was'} removed${dryRun && containers.length > 0 ? `, were it not for ${containers.length} containers in it` : ''}.`,
});
