import { describe, expect, test } from 'vitest';
import { parseNotifierUrl } from '../../../src/lib/notify/notifier-url.ts';
import { shownTarget } from '../../../src/lib/notify/target.ts';

const UUID = '0b5e1c1a-1111-4222-8333-944445555666';

describe('URLs as apprise and shoutrrr write them', () => {
  test.each<[string, Record<string, unknown>]>([
    [
      'mailtos://me:pa%40ss@example.org',
      {
        kind: 'mail',
        host: 'example.org',
        port: 587,
        tls: 'starttls',
        login: { user: 'me', password: 'pa@ss' },
        from: 'me@example.org',
        to: ['me@example.org'],
      },
    ],
    [
      'mailto://mail.example.org:2525?from=a@b.org&to=c@d.org,e@f.org',
      {
        kind: 'mail',
        host: 'mail.example.org',
        port: 2525,
        tls: 'opportunistic',
        from: 'a@b.org',
        to: ['c@d.org', 'e@f.org'],
      },
    ],
    [
      'mailtos://me:secret@example.org?smtp=smtp.relay.net&mode=ssl',
      { host: 'smtp.relay.net', port: 465, tls: 'implicit' },
    ],
    [
      'smtp://u:p@mail:587/?fromaddress=a@b.org&toaddresses=c@d.org',
      { kind: 'mail', host: 'mail', port: 587, from: 'a@b.org', to: ['c@d.org'] },
    ],
    [
      'slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops',
      { kind: 'slack', tokens: 'T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ', channel: '#ops' },
    ],
    ['slack://hook:T1-B2-C3@webhook', { kind: 'slack', tokens: 'T1/B2/C3' }],
    ['https://hooks.slack.com/services/T1/B2/C3', { kind: 'slack', tokens: 'T1/B2/C3' }],
    ['discord://123456789/tok_en-1', { kind: 'discord', id: '123456789', token: 'tok_en-1' }],
    ['discord://tok_en-1@123456789', { kind: 'discord', id: '123456789', token: 'tok_en-1' }],
    ['https://discord.com/api/webhooks/123456/abc', { kind: 'discord', id: '123456', token: 'abc' }],
    [
      'tgram://123456789:AAEhBOweik6ad6PsVLt3M/-1001',
      { kind: 'telegram', token: '123456789:AAEhBOweik6ad6PsVLt3M', chat: '-1001' },
    ],
    [
      'telegram://123456789:AAEhBOweik6ad6PsVLt3M@telegram?chats=@ops_channel',
      { kind: 'telegram', chat: '@ops_channel' },
    ],
    ['ntfy://my-topic', { kind: 'ntfy', url: 'https://ntfy.sh', topic: 'my-topic' }],
    [
      'ntfys://u:p@ntfy.example.org:8443/alerts',
      {
        kind: 'ntfy',
        url: 'https://ntfy.example.org:8443',
        topic: 'alerts',
        login: { user: 'u', password: 'p' },
      },
    ],
    ['ntfy://127.0.0.1:2586/alerts', { kind: 'ntfy', url: 'http://127.0.0.1:2586', topic: 'alerts' }],
    [
      'gotifys://push.example.org/Abc123',
      { kind: 'gotify', url: 'https://push.example.org', token: 'Abc123' },
    ],
    [
      'gotify://push.example.org/sub/path/Abc123',
      { kind: 'gotify', url: 'http://push.example.org/sub/path', token: 'Abc123' },
    ],
    ['json://127.0.0.1:8080/hook?key=1', { kind: 'webhook', url: 'http://127.0.0.1:8080/hook?key=1' }],
    [
      'https://u:p@example.org/hook',
      { kind: 'webhook', url: 'https://example.org/hook', login: { user: 'u', password: 'p' } },
    ],
    ['alertmanager://127.0.0.1:9093', { kind: 'alertmanager', url: 'http://127.0.0.1:9093' }],
    [`healthchecks://${UUID}`, { kind: 'healthchecks', url: `https://hc-ping.com/${UUID}` }],
    [
      `healthchecks://hc.example.org/ping/${UUID}`,
      { kind: 'healthchecks', url: `https://hc.example.org/ping/${UUID}` },
    ],
  ])('%s', (url, expected) => {
    const target = parseNotifierUrl(url);
    expect(target).toMatchObject(expected);
    for (const value of target.secrets.filter((one) => one.length > 3))
      expect(shownTarget(target)).not.toContain(value);
  });

  test.each([
    '',
    'slack://',
    'slack://a',
    'discord://x/y',
    'tgram://nope/1',
    'mailto://host',
    'ntfy://',
    'gotify://host',
    'ftp://host/x',
    'json://',
    'json://host:99999/x',
    'javascript:alert(1)',
    'mailto://u:p@h?to=a@b%0d%0aBcc:x@y',
    'json://host/a\nb',
    'mailto://u:p@h?to=a b@c',
    `json://h/${'x'.repeat(3000)}`,
    'constructor://a/b',
    '__proto__://a',
  ])('refused without repeating it: %j', (url) => {
    let failure: { code?: string; message?: string; hint?: string; details?: unknown } = {};
    try {
      parseNotifierUrl(url);
    } catch (error) {
      failure = error as typeof failure;
    }
    expect(failure.code).toBe('INVALID_INPUT');
    if (url.length > 12)
      expect(`${failure.message} ${JSON.stringify(failure.details)}`).not.toContain(
        url.slice(url.indexOf('://') + 3) || 'x',
      );
  });
});
