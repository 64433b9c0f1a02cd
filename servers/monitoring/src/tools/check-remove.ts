import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { CheckName } from '../lib/checks/definition.ts';
import { checks } from '../lib/checks/service.ts';

export const checkRemove = defineTool({
  name: 'check_remove',
  title: 'Remove a check',
  description: 'Forgets a check with its results and its uptime history. What it watched is not touched.',
  effect: 'destroy',
  openWorld: false,
  input: z.object({ name: CheckName }),
  output: z.object({ name: z.string(), target: z.string(), removed: z.boolean() }),
  run: async (context, { name }) => {
    const store = await context.use(checks);
    const { target } = store.get(name);
    await store.remove(name);
    return { name, target, removed: true };
  },
  text: ({ name }) => `Removed the check ${name} and its history.`,
});
