import { type AnyTool, defineTool } from '@flotilla/core';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import type { HostToolsDeps } from './deps.ts';

export function serverGroupList(deps: HostToolsDeps): AnyTool {
  return defineTool({
    name: 'server_group_list',
    title: 'Groups of hosts',
    description:
      'Lists the groups and their hosts. Wherever a tool takes several hosts, "group:NAME" means all of one group.',
    effect: 'read',
    openWorld: false,
    input: z.object({}),
    output: z.object({ rows: z.array(z.object({ name: z.string(), aliases: z.array(z.string()) })) }),
    run: async () => ({ rows: deps.inventory.groups() }),
    text: ({ rows }) =>
      rows.length === 0
        ? 'There is no group. server_group_set makes one.'
        : textTable(
            ['group', 'hosts', 'members'],
            rows.map(({ name, aliases }) => [name, String(aliases.length), aliases.join(' ')]),
          ),
  });
}
