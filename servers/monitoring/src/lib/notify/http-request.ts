import { createHash } from 'node:crypto';
import type { AlertmanagerMessage } from './message.ts';
import { type Notice, noticeOf } from './render.ts';
import type { Login, MailTarget, Target } from './target.ts';

export interface HttpRequest {
  method: 'POST' | 'GET';
  url: string;
  headers: Record<string, string>;
  body: string;
}

export type WebTarget = Exclude<Target, MailTarget>;

/** Where the services of others are; the config may name a stand-in. */
export interface ServiceBases {
  slack: string;
  discord: string;
  telegram: string;
}
export const SERVICE_BASES: ServiceBases = {
  slack: 'https://hooks.slack.com',
  discord: 'https://discord.com',
  telegram: 'https://api.telegram.org',
};

const COLOURS = { critical: 0xd32f2f, warning: 0xf9a825, info: 0x1976d2 } as const;
const GREEN = 0x388e3c;
const PRIORITY = { critical: 5, warning: 4, info: 3 } as const;

/** The request that carries a notice. `id` is the same for every attempt at one notice. */
export function requestOf(
  target: WebTarget,
  message: AlertmanagerMessage,
  { id, now, bases = SERVICE_BASES }: { id: string; now: number; bases?: ServiceBases },
): HttpRequest {
  const notice = noticeOf(message, now);
  const colour = notice.status === 'resolved' ? GREEN : COLOURS[notice.severity];
  switch (target.kind) {
    case 'slack':
      return json(`${bases.slack}/services/${target.tokens}`, slackBody(notice, colour, target.channel));
    case 'discord':
      return json(`${bases.discord}/api/webhooks/${target.id}/${target.token}?wait=true`, {
        embeds: [
          {
            title: discordText(notice.title).slice(0, 256),
            description: discordText(notice.body).slice(0, 4_000),
            color: colour,
            timestamp: new Date(now).toISOString(),
          },
        ],
        allowed_mentions: { parse: [] },
      });
    case 'telegram':
      return json(`${bases.telegram}/bot${target.token}/sendMessage`, {
        chat_id: target.chat,
        text: telegramText(`${notice.title}\n\n${notice.body}`).slice(0, 4_096),
        disable_web_page_preview: true,
      });
    case 'ntfy':
      return json(target.url, ntfyBody(notice, target.topic, id), login(target.login));
    case 'gotify':
      return json(
        `${target.url}/message`,
        {
          title: notice.title,
          message: notice.body,
          priority: notice.status === 'resolved' ? 2 : PRIORITY[notice.severity] * 2 - 2,
        },
        { 'x-gotify-key': target.token },
      );
    case 'webhook':
      return json(target.url, message, { ...login(target.login), 'idempotency-key': id });
    case 'alertmanager':
      return json(`${target.url}/api/v2/alerts`, postableAlerts(message), login(target.login));
    case 'healthchecks':
      return {
        method: 'POST',
        url: notice.status === 'firing' ? `${target.url}/fail` : target.url,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: `${notice.title}\n\n${notice.body}`.slice(0, 90_000),
      };
  }
}

const json = (url: string, body: unknown, headers: Record<string, string> = {}): HttpRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

const login = (given: Login | undefined): Record<string, string> =>
  given === undefined
    ? {}
    : { authorization: `Basic ${Buffer.from(`${given.user}:${given.password}`).toString('base64')}` };

/** Text of hosts shows no link under another name, nor anything else that Discord makes of Markdown. */
const discordText = (text: string): string => text.replace(/[\\`*_~|<>[\]()#]/g, '\\$&');

/** Telegram tells the members of a group whose names are mentioned, and links /commands, in plain text too. */
const telegramText = (text: string): string => text.replace(/([@/])(?=\w)/g, '$1\u200b');

/** `&`, `<` and `>` are markup in Slack: escaped, no text can mention a channel. */
const slackText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const slackBody = (notice: Notice, colour: number, channel: string | undefined): unknown => ({
  text: slackText(notice.title),
  mrkdwn: false,
  link_names: false,
  parse: 'none',
  ...(channel !== undefined && { channel }),
  attachments: [
    {
      color: `#${colour.toString(16).padStart(6, '0')}`,
      text: slackText(notice.body).slice(0, 8_000),
      fallback: slackText(notice.title),
      mrkdwn_in: [],
    },
  ],
});

/** Servers from 2.16 on show a message with a known sequence id in the place of the earlier one; older ones ignore it. */
const ntfyBody = (notice: Notice, topic: string, id: string): unknown => ({
  topic,
  sequence_id: id,
  title: notice.title,
  message: notice.body.slice(0, 4_000),
  priority: notice.status === 'resolved' ? 3 : PRIORITY[notice.severity],
  tags: [
    notice.status === 'resolved'
      ? 'white_check_mark'
      : notice.severity === 'info'
        ? 'information_source'
        : 'rotating_light',
  ],
});

/** Alertmanager's API v2; an alert that goes on has no end. */
const postableAlerts = ({ alerts }: AlertmanagerMessage): unknown =>
  alerts.map(({ status, labels, annotations, startsAt, endsAt }) => ({
    labels,
    annotations,
    startsAt,
    ...(status === 'resolved' && { endsAt }),
  }));

/** Names one notice for receivers that tell repetitions apart. */
export const noticeId = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
