import { defineTool, secret } from '@flotilla/core';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';
import { parseMatcher } from '../lib/alerts/matchers.ts';
import { NotifierSettings } from '../lib/notify/notifier-store.ts';

const Shape = NotifierSettings.shape;

export const notifierAdd = defineTool({
  name: 'notifier_add',
  title: 'Add a notifier',
  description:
    'Says where notices of alerts are sent, by a URL as apprise and shoutrrr write it: mailtos://user:pass@host?to=a@b, slack://T/B/C, discord://ID/TOKEN, tgram://TOKEN/CHAT, ntfys://host/topic, gotifys://host/token, jsons://host/path (a webhook in the form of Alertmanager), alertmanager://host:9093, healthchecks://UUID. ' +
    'The URL is kept encrypted and never shown again. ' +
    'From then on alerts, and nothing but alerts, leave for that address: add only what the user named. notifier_test tries it.',
  effect: 'write',
  openWorld: true,
  input: z.object({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/)
      .describe('Name of the notifier'),
    url: secret(z.string().min(4).max(2_000)).describe('Where to, with its secrets'),
    matchers: Shape.matchers.describe('Only alerts with these labels, e.g. severity="critical"; default all'),
    groupBy: Shape.groupBy.describe('Alerts that agree on these labels share a notice; default alertname'),
    groupWaitS: Shape.groupWaitS.describe('Seconds before the first notice of a group; default 30'),
    groupIntervalS: Shape.groupIntervalS.describe(
      'Seconds between notices of changes of a group; default 300',
    ),
    repeatIntervalS: Shape.repeatIntervalS.describe('Seconds before the same is said again; default 14400'),
    sendResolved: Shape.sendResolved.describe('Also say when it is over; default true'),
    replace: z.boolean().default(false).describe('Replace one of this name'),
  }),
  output: z.object({ name: z.string(), kind: z.string(), to: z.string(), replaced: z.boolean() }),
  run: async (context, { name, url, replace, ...settings }) => {
    for (const matcher of settings.matchers) parseMatcher(matcher);
    const { notifiers } = await context.use(alertCentre);
    const known = notifiers.list().some((one) => one.name === name);
    const added = await notifiers.add(
      { name, url, settings, replace, createdBy: context.principal.id },
      Date.now(),
    );
    return { name, kind: added.kind, to: added.shown, replaced: known };
  },
  text: ({ name, kind, to, replaced }) =>
    `${name} ${replaced ? 'replaced' : 'added'}: ${kind}, ${to}. Try it: notifier_test {"name":${JSON.stringify(name)}}. Undo: notifier_remove.`,
});
