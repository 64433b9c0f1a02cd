import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';
import { NotifierSettings } from '../lib/notify/notifier-store.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

const Notifier = NotifierSettings.extend({
  name: z.string(),
  kind: z.string(),
  to: z.string().describe('Without secrets'),
  addedBy: z.string(),
  addedAt: z.string(),
  sent: z.number().int().describe('In the last 7 days'),
  waiting: z.number().int(),
  dead: z.number().int().describe('Given up'),
  lastSentAt: z.string().optional(),
  lastError: z.string().optional(),
  deadLetters: z.array(
    z.object({
      id: z.string(),
      at: z.string(),
      attempts: z.number().int(),
      error: z.string(),
      group: z.string(),
    }),
  ),
});

export const notifierList = defineTool({
  name: 'notifier_list',
  title: 'Notifiers',
  description:
    'Where notices of alerts are sent, what was sent, what waits for another attempt, and what was given up with the reason.',
  effect: 'read',
  openWorld: false,
  input: z.object({}),
  output: z.object({ notifiers: z.array(Notifier) }),
  run: async (context) => {
    const { notifiers, outbox } = await context.use(alertCentre);
    return {
      notifiers: notifiers.list().map(({ name, kind, shown, settings, createdAt, createdBy }) => {
        const { waiting, dead, sent, lastSentAt, lastError, deadLetters } = outbox.status(name);
        return {
          ...settings,
          ...{ name, kind, sent, waiting, dead, to: shown, addedBy: createdBy, addedAt: iso(createdAt) },
          ...(lastSentAt !== undefined && { lastSentAt: iso(lastSentAt) }),
          ...(lastError !== undefined && { lastError }),
          deadLetters: deadLetters.map(({ id, createdAt: at, attempts, error, groupKey }) => ({
            ...{ id, attempts, error, at: iso(at), group: groupKey.slice(0, 300) },
          })),
        };
      }),
    };
  },
  text: ({ notifiers }) =>
    notifiers.length === 0
      ? 'No notifier: alerts are shown by alert_list only. notifier_add makes one.'
      : notifiers
          .map((one) => {
            const trouble =
              one.dead + one.waiting > 0
                ? `, ${one.waiting} waiting, ${one.dead} given up (${one.lastError ?? 'no attempt yet'})`
                : '';
            const only = one.matchers.length > 0 ? ` for ${one.matchers.join(', ')}` : '';
            return `${one.name}: ${one.kind}, ${one.to}${only}, ${one.sent} sent${one.lastSentAt ? `, last ${one.lastSentAt}` : ''}${trouble}`;
          })
          .join('\n'),
});
