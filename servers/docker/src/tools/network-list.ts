import { z } from 'zod';
import { LABEL } from '../lib/compose/labels.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { listNetworks, subnetsOf } from '../lib/networks/network.ts';
import { shortId, shown, table } from '../lib/text.ts';

const Network = z.object({
  name: z.string(),
  id: z.string(),
  driver: z.string(),
  subnets: z.array(z.string()),
  internal: z.boolean().optional().describe('No way out of it'),
  project: z.string().optional(),
});

export const networkList = defineEngineRead({
  name: 'network_list',
  title: 'List container networks',
  description:
    'Networks of the engine of one host or many with driver, subnets and compose project. Which containers are in one says network_inspect.',
  input: {},
  row: { networks: z.array(Network) },
  look: async (engine, _, context) => ({
    networks: (await listNetworks(engine, context.signal)).map((network) => {
      const project = network.Labels?.[LABEL.project];
      return shown({
        name: network.Name,
        id: shortId(network.Id),
        driver: network.Driver ?? '',
        subnets: subnetsOf(network),
        ...(network.Internal && { internal: true }),
        ...(project && { project }),
      });
    }),
  }),
  text: (row) => {
    const lines = row.networks.map((one) => [one.name, one.driver, one.subnets.join(' '), one.project ?? '']);
    return `${row.alias}: ${row.networks.length} networks\n${table(row.alias, ['name', 'driver', 'subnets', 'project'], lines)}`;
  },
});
