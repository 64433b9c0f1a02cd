import {
  anyHostFailed,
  defineTool,
  fanOutArguments,
  HostTarget,
  hostRowSchema,
  hostRows,
} from '@flotilla/core';
import { z } from 'zod';
import { renderResources } from '../lib/resources/render.ts';
import { resourceFields, summarise } from '../lib/resources/summary.ts';
import { twoLooks } from '../lib/resources/two-looks.ts';

export const getSystemResources = defineTool({
  name: 'get_system_resources',
  title: 'System resources',
  description:
    'CPU, load, memory, swap, disks and inodes, disk and network throughput, pressure, connections, and the top processes by CPU and memory of one host or many, with what stands out first. ' +
    'It is measured now, over 0.3 s; metrics_query and metrics_chart know how it was before.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    top: z.number().int().min(0).max(50).default(5).describe('Processes of each list'),
    ...fanOutArguments,
  }),
  output: z.object({ rows: z.array(hostRowSchema(resourceFields)) }),
  isError: anyHostFailed,
  run: async (context, input) => ({
    rows: await hostRows(context, input, async (alias) =>
      summarise(await twoLooks(context, alias), input.top, Date.now()),
    ),
  }),
  text: ({ rows }) => renderResources(rows),
});
