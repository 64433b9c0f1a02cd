import { defineTool, FlotillaError, HostTarget } from '@flotilla/core';
import type { Matcher } from '@flotilla/metrics';
import { z } from 'zod';
import { alertCentre } from '../lib/alerts/centre.ts';
import { formatMatcher, matchesAll, parseMatcher } from '../lib/alerts/matchers.ts';
import { parseDuration } from '../lib/alerts/promql/duration.ts';
import { PromDuration } from '../lib/alerts/rule.ts';

const LONGEST_MS = 30 * 86_400_000;

export const alertSilence = defineTool({
  name: 'alert_silence',
  title: 'Silence alerts',
  description:
    'Sends no notices for alerts that match all given conditions, for a duration; they stay visible in alert_list. ' +
    'With startsAt and every it is a maintenance window that comes again each day or week. ' +
    'matchers are those of Alertmanager, e.g. mountpoint="/srv" or alertname=~"Disk.*".',
  effect: 'write',
  openWorld: false,
  input: z.object({
    alias: HostTarget.optional().describe('Alerts of these hosts'),
    alert: z.string().max(64).optional().describe('Alerts of this rule'),
    matchers: z.array(z.string().max(300)).max(20).default([]).describe('Further conditions on labels'),
    duration: PromDuration.describe('How long, e.g. 2h; at most 30d, of a repeated window at most a period'),
    startsAt: z.iso.datetime({ offset: true }).optional().describe('ISO 8601 with zone; default now'),
    every: z
      .enum(['day', 'week'])
      .optional()
      .describe('The window comes again; ends only by alert_unsilence'),
    comment: z.string().min(1).max(500).describe('Why'),
  }),
  output: z.object({
    id: z.string(),
    matchers: z.array(z.string()),
    startsAt: z.string(),
    endsAt: z.string(),
    createdBy: z.string(),
    silencedNow: z.array(z.string()).describe('Firing and pending alerts that it covers'),
  }),
  run: async (context, input) => {
    const matchers = [
      ...hostMatcher(input.alias === undefined ? [] : context.hosts.resolve(input.alias)),
      ...input.matchers.map(parseMatcher),
    ];
    if (input.alert !== undefined) matchers.push({ label: 'alertname', op: '=', value: input.alert });
    if (matchers.every((one) => matchesAll([one], {})))
      throw new FlotillaError('INVALID_INPUT', 'A silence needs a condition that not every alert meets.', {
        hint: 'Give alias, alert or matchers.',
      });
    const { silences, alerts } = await context.use(alertCentre);
    const now = Date.now();
    const startsAt = input.startsAt === undefined ? now : Date.parse(input.startsAt);
    const endsAt = startsAt + parseDuration(input.duration);
    checkTimes({ startsAt, endsAt, every: input.every, now });
    const silence = await silences.add({
      ...{ matchers, startsAt, endsAt, comment: input.comment, createdAt: now },
      every: input.every ?? '',
      createdBy: context.principal.id,
    });
    const covered = alerts
      .all()
      .filter(({ state, labels }) => state !== 'resolved' && startsAt <= now && matchesAll(matchers, labels));
    return {
      id: silence.id,
      matchers: matchers.map(formatMatcher),
      startsAt: new Date(startsAt).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
      createdBy: silence.createdBy,
      silencedNow: covered
        .slice(0, 50)
        .map(({ rule, labels }) => `${rule} ${labels['instance'] ?? ''}`.trim()),
    };
  },
  text: ({ id, matchers, startsAt, endsAt, silencedNow }, { every }) =>
    `${id}: no notices for ${matchers.join(', ')} from ${startsAt} to ${endsAt}${every ? `, again every ${every}` : ''}.\n` +
    `${silencedNow.length === 0 ? 'No alert of now is covered.' : `Covers now: ${silencedNow.join(', ')}.`} Undo: alert_unsilence {"id":"${id}"}`,
});

function hostMatcher(hosts: readonly { alias: string }[]): Matcher[] {
  const [first, ...others] = hosts.map(({ alias }) => alias);
  if (first === undefined) return [];
  if (others.length === 0) return [{ label: 'instance', op: '=', value: first }];
  const value = [first, ...others].map((alias) => alias.replaceAll('.', '\\.')).join('|');
  return [{ label: 'instance', op: '=~', value }];
}

function checkTimes({
  startsAt,
  endsAt,
  every,
  now,
}: {
  startsAt: number;
  endsAt: number;
  every: 'day' | 'week' | undefined;
  now: number;
}): void {
  const longest = every === 'day' ? 86_400_000 : every === 'week' ? 7 * 86_400_000 : LONGEST_MS;
  const wrong = (message: string): FlotillaError => new FlotillaError('INVALID_INPUT', message);
  if (endsAt <= startsAt) throw wrong('The duration is nothing.');
  if (endsAt - startsAt > longest) throw wrong(`A silence lasts at most ${every ?? '30 days'}.`);
  if (every === undefined && endsAt <= now) throw wrong('The silence would be over already.');
}
