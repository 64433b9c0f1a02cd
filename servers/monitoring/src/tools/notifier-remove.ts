import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';

export const notifierRemove = defineTool({
  name: 'notifier_remove',
  title: 'Remove a notifier',
  description: 'Deletes a notifier with its secret URL and the notices that still wait for it.',
  effect: 'destroy',
  openWorld: false,
  input: z.object({ name: z.string().min(1).max(63).describe('Name of the notifier') }),
  output: z.object({ name: z.string(), kind: z.string(), droppedNotices: z.number().int() }),
  run: async (context, { name }) => {
    const { notifiers, outbox } = await context.use(alertCentre);
    const { kind } = notifiers.get(name);
    const { waiting } = outbox.status(name);
    await notifiers.remove(name);
    return { name, kind, droppedNotices: waiting };
  },
  text: ({ name, kind, droppedNotices }) =>
    `${name} (${kind}) is removed${droppedNotices > 0 ? `, with ${droppedNotices} waiting notices` : ''}.`,
});
