import { randomUUID } from 'node:crypto';
import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';
import { notifyContext } from '../lib/notify/context.ts';
import { send } from '../lib/notify/send.ts';
import { testMessage } from '../lib/notify/test-message.ts';

export const notifierTest = defineTool({
  name: 'notifier_test',
  title: 'Try a notifier',
  description:
    'Sends one marked test notice through a notifier now and says whether it was accepted. Its text is fixed; the receiver sees an alert named FlotillaTest.',
  effect: 'write',
  input: z.object({
    name: z.string().min(1).max(63).describe('Name of the notifier'),
    status: z.enum(['firing', 'resolved']).default('firing').describe('Which kind of notice; default firing'),
  }),
  output: z.object({ name: z.string(), kind: z.string(), accepted: z.boolean(), detail: z.string() }),
  isError: ({ accepted }) => !accepted,
  run: async (context, { name, status }) => {
    const { notifiers, transport } = await context.use(alertCentre);
    const { redactor, bases } = await context.use(notifyContext);
    const { kind } = notifiers.get(name);
    const now = Date.now();
    const message = testMessage({ receiver: name, status, now });
    const delivery = await send({ transport, redactor }, notifiers.target(name), message, {
      id: randomUUID(),
      now,
      bases,
    });
    return { name, kind, accepted: delivery.ok, detail: delivery.detail };
  },
  text: ({ name, kind, accepted, detail }) =>
    `${name} (${kind}): ${accepted ? 'accepted' : 'NOT accepted'}, ${detail}`,
});
