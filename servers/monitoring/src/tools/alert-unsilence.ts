import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';
import { formatMatcher } from '../lib/alerts/matchers.ts';

export const alertUnsilence = defineTool({
  name: 'alert_unsilence',
  title: 'End a silence',
  description:
    'Ends a silence or maintenance window at once; notices of alerts that still fire are sent again.',
  effect: 'write',
  openWorld: false,
  input: z.object({ id: z.string().min(1).max(40).describe('Id of the silence, from alert_list') }),
  output: z.object({
    id: z.string(),
    matchers: z.array(z.string()),
    createdBy: z.string(),
    comment: z.string(),
  }),
  run: async (context, { id }) => {
    const { silences } = await context.use(alertCentre);
    const { matchers, createdBy, comment } = await silences.end(id, Date.now());
    return { id, matchers: matchers.map(formatMatcher), createdBy, comment };
  },
  text: ({ id, matchers, createdBy, comment }) =>
    `${id} has ended: ${matchers.join(', ')} (by ${createdBy}: ${comment})`,
});
