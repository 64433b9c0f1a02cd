import { defineTool, fenceRemote, HostTarget } from '@flotilla/core';
import type { Metrics } from '@flotilla/metrics';
import { z } from 'zod';
import { Cause } from '../lib/alerts/cause/cause.ts';
import { alertCentre } from '../lib/alerts/centre.ts';
import { alertText } from '../lib/alerts/render-alert.ts';
import { Severity } from '../lib/alerts/rule.ts';
import { alertViews, silenceView } from '../lib/alerts/views.ts';
import { counted } from '../lib/host/words.ts';
import { metricsStore } from '../lib/series/metrics-store.ts';

const Silence = z.object({
  id: z.string(),
  matchers: z.array(z.string()),
  active: z.boolean(),
  from: z.string(),
  until: z.string(),
  every: z.enum(['day', 'week']).optional(),
  createdBy: z.string(),
  comment: z.string(),
});

export const AlertView = z.object({
  fingerprint: z.string(),
  alert: z.string(),
  state: z.enum(['pending', 'firing', 'resolved']),
  severity: Severity,
  alias: z.string().optional(),
  summary: z.string(),
  description: z.string().optional(),
  runbook_url: z.string().optional(),
  value: z.number().optional(),
  labels: z.record(z.string(), z.string()),
  since: z.string().describe('When the rule began to hold'),
  firedAt: z.string().optional(),
  resolvedAt: z.string().optional(),
  source: z.enum(['rule', 'alertmanager']),
  noData: z.boolean().optional().describe('The host gives no samples now: it stays what it was'),
  silencedBy: z.object({ id: z.string(), by: z.string(), until: z.string() }).optional(),
  inhibitedBy: z.string().optional().describe('The alert that explains this one; no notice is sent'),
  cause: Cause.optional(),
});

export const alertList = defineTool({
  name: 'alert_list',
  title: 'Alerts',
  description:
    'What is firing and what is about to, worst first, each with its likely cause: processes, failed units, error lines, what fills a disk, containers in a restart loop, and what was changed on the host before. ' +
    'Says since when, and by whom it is silenced; also the silences and maintenance windows.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    alias: HostTarget.optional().describe('Only of these hosts'),
    state: z
      .enum(['firing', 'pending', 'resolved', 'active'])
      .default('active')
      .describe('active: firing and pending; resolved: of the last day'),
    severity: Severity.optional().describe('This one and worse'),
    cause: z.boolean().default(true).describe('With causes'),
    limit: z.number().int().min(1).max(500).default(50).describe('Alerts at most; default 50'),
  }),
  output: z.object({
    firing: z.number().int(),
    pending: z.number().int(),
    alerts: z.array(AlertView),
    leftOut: z.number().int(),
    silences: z.array(Silence),
    note: z.string().optional().describe('Why this may not be the whole truth'),
  }),
  run: async (context, input) => {
    const centre = await context.use(alertCentre);
    const now = Date.now();
    const hosts =
      input.alias === undefined ? undefined : context.hosts.resolve(input.alias).map(({ alias }) => alias);
    const all = alertViews(centre, now).filter(
      ({ alias }) => hosts === undefined || (alias !== undefined && hosts.includes(alias)),
    );
    const rank = Severity.options;
    const wanted = all.filter(
      ({ state, severity }) =>
        (input.state === 'active' ? state !== 'resolved' : state === input.state) &&
        (input.severity === undefined || rank.indexOf(severity) >= rank.indexOf(input.severity)),
    );
    const shown = wanted
      .slice(0, input.limit)
      .map(({ cause, ...view }) => ({ ...view, ...(input.cause && cause && { cause }) }));
    return {
      firing: all.filter(({ state }) => state === 'firing').length,
      pending: all.filter(({ state }) => state === 'pending').length,
      alerts: shown,
      leftOut: wanted.length - shown.length,
      silences: centre.silences.list(now).map((silence) => silenceView(silence, now)),
      ...(await staleness(await context.use(metricsStore), now)),
    };
  },
  text: ({ firing, pending, alerts, leftOut, silences, note }, input) => {
    const now = Date.now();
    const head =
      firing + pending === 0 ? 'No alert is firing or pending.' : `${firing} firing, ${pending} pending`;
    const body = alerts.map((alert) => alertText(alert, now)).join('\n\n');
    const quiet = silences.map(
      ({ id, matchers, active, until, from, every, createdBy, comment }) =>
        `${id} ${active ? `until ${until}` : `from ${from} to ${until}`}${every ? ` every ${every}` : ''} by ${createdBy}: ${matchers.join(', ')} (${comment})`,
    );
    return [
      `${head}${leftOut > 0 ? `; ${counted(leftOut, 'more alert')} not shown (raise limit)` : ''}`,
      ...(alerts.length > 0 ? [fenceRemote(body, `${input.state} alerts`)] : []),
      ...(note === undefined ? [] : [`Note: ${note}`]),
      ...(quiet.length > 0 ? [`Silences:\n${quiet.join('\n')}`] : []),
    ].join('\n');
  },
});

const STALE_MS = 300_000;

/** Without samples nothing is evaluated, and an empty list means nothing. */
async function staleness(metrics: Metrics, now: number): Promise<{ note?: string }> {
  const newest = (await metrics.latest()).reduce((most, { at }) => Math.max(most, at), 0);
  if (now - newest <= STALE_MS) return {};
  return {
    note: `No host was looked at ${newest === 0 ? 'yet' : `since ${new Date(newest).toISOString()}`}, so no rule was judged by fresh values. Hosts are looked at where Flotilla serves over HTTP, or with servers.monitoring.sample in the config.`,
  };
}
