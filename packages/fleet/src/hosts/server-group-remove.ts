import { type AnyTool, defineTool } from '@flotilla/core';
import { z } from 'zod';
import type { HostToolsDeps } from './deps.ts';

export function serverGroupRemove(deps: HostToolsDeps): AnyTool {
  return defineTool({
    name: 'server_group_remove',
    title: 'Remove a group',
    description:
      'Removes a group. Its hosts stay registered; server_group_set with the answered list makes it again.',
    effect: 'destroy',
    openWorld: false,
    input: z.object({ name: z.string().min(1).max(100).describe('Name of the group, without "group:"') }),
    output: z.object({ name: z.string(), aliases: z.array(z.string()).describe('Hosts that were in it') }),
    run: async (_, { name }) => ({ name, aliases: await deps.inventory.removeGroup(name) }),
    text: ({ name, aliases }) =>
      `group:${name} is removed; its ${aliases.length} hosts stay registered: ${aliases.join(', ') || 'none'}.`,
  });
}
