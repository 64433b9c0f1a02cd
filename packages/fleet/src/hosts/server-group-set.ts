import { type AnyTool, defineTool, HostAlias } from '@flotilla/core';
import { LabelName } from '@flotilla/inventory';
import { z } from 'zod';
import type { HostToolsDeps } from './deps.ts';

export function serverGroupSet(deps: HostToolsDeps): AnyTool {
  return defineTool({
    name: 'server_group_set',
    title: 'Set the hosts of a group',
    description:
      'Makes a group, or replaces the hosts of one by exactly the given list. ' +
      'Tools then take "group:NAME" for all of them.',
    effect: 'write',
    openWorld: false,
    targets: ({ aliases }) => aliases,
    input: z.object({
      name: LabelName.describe('Name of the group, e.g. web'),
      aliases: z.array(HostAlias).max(1_000).describe('All hosts that are to be in it; [] empties it'),
    }),
    output: z.object({
      name: z.string(),
      aliases: z.array(z.string()),
      added: z.array(z.string()),
      removed: z.array(z.string()),
    }),
    run: async (_, { name, aliases }) => {
      const change = await deps.inventory.setGroup(name, aliases);
      return { name, aliases: [...new Set(aliases)].sort(), ...change };
    },
    text: ({ name, aliases, added, removed }) => {
      const changes = [
        added.length > 0 && `added ${added.join(', ')}`,
        removed.length > 0 && `removed ${removed.join(', ')}`,
      ].filter(Boolean);
      return `group:${name} has ${aliases.length} host${aliases.length === 1 ? '' : 's'}: ${changes.join('; ') || 'nothing changed'}.`;
    },
  });
}
