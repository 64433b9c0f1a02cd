import { expect, test } from 'vitest';
import { requestOf, type WebTarget } from '../../../src/lib/notify/http-request.ts';
import { mailOf } from '../../../src/lib/notify/mail.ts';
import { messageOf } from '../../../src/lib/notify/message.ts';

const NOW = 1_750_000_000_000;
const HOSTILE =
  '@everyone <!channel> <@123> [login](https://evil.example) *bold* `code` # big @joe /start\r\nBcc: x@y.z \u001b[31m';
const message = messageOf(
  [
    {
      fingerprint: 'f',
      rule: 'Odd',
      source: 'rule',
      state: 'firing',
      held: false,
      labels: { alertname: 'Odd', instance: 'web1', severity: 'critical' },
      annotations: { summary: HOSTILE, description: HOSTILE },
      value: 1,
      activeAt: NOW,
      trueAt: NOW,
      seenAt: NOW,
    },
  ],
  { receiver: 'x', groupKey: 'x', groupLabels: {} },
);
const secrets: string[] = [];
const bodyOf = (target: WebTarget) =>
  JSON.parse(requestOf(target, message, { id: 'x', now: NOW }).body) as Record<string, unknown>;

test('Slack: no mention, no link under another name, no markup', () => {
  const body = bodyOf({ kind: 'slack', tokens: 'a/b/c', secrets });
  expect(JSON.stringify(body)).not.toMatch(/<[!@#]|<http/);
  expect(body).toMatchObject({
    mrkdwn: false,
    link_names: false,
    parse: 'none',
    attachments: [{ mrkdwn_in: [] }],
  });
});

test('Discord: nobody is mentioned, and all that Markdown means is escaped', () => {
  const body = bodyOf({ kind: 'discord', id: '1', token: 't', secrets });
  expect(body['allowed_mentions']).toEqual({ parse: [] });
  const [{ title = '', description = '' } = {}] = body['embeds'] as {
    title?: string;
    description?: string;
  }[];
  for (const text of [title, description]) {
    expect(text).not.toMatch(/(?<!\\)[[\]()*`#<>~|_]/);
    expect(text).toContain('\\[login\\]\\(https://evil.example\\)');
  }
});

test('Telegram: plain text in which neither names nor commands are live', () => {
  const body = bodyOf({ kind: 'telegram', token: 't', chat: '1', secrets });
  expect(body).not.toHaveProperty('parse_mode');
  expect(body['text']).not.toMatch(/[@]\w/);
  expect(body['text']).not.toContain('/start');
});

test('mail: one line stays one line', () => {
  const mail = mailOf(
    { kind: 'mail', host: 'h', port: 25, tls: 'implicit', from: 'a@b.c', to: ['d@e.f'], secrets },
    message,
    { id: 'x', now: NOW },
  );
  expect(mail.subject).not.toMatch(/\p{Cc}/u);
  expect(mail.text).not.toMatch(/^Bcc:/m);
});
