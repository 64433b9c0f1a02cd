import type { OpenServer } from '@flotilla/runtime/testing';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertProcess } from '../helpers/alert-process.ts';
import { type Receiver, startMailServer, startReceiver } from '../helpers/receiver.ts';

describe('notifiers', () => {
  let on: OpenServer;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver(({ path }) =>
      path.includes('refuse') ? 403 : path.includes('busy') ? 503 : 200,
    );
    const { base } = receiver;
    on = await alertProcess({ notifyBases: { slack: base, discord: base, telegram: base } });
  });
  afterAll(async () => {
    await on?.close();
    await receiver?.close();
  });
  const last = () => {
    const { method = '', path = '', body = '', headers = {} } = receiver.received.at(-1) ?? {};
    return { method, path, headers, body, json: () => JSON.parse(body) as Record<string, never> };
  };
  const tried = async (url: string, status = 'firing'): Promise<ReturnType<typeof last>> => {
    await on.ok('notifier_add', { name: 'try', url, replace: true });
    await on.ok('notifier_test', { name: 'try', status });
    return last();
  };

  test("'notifier_test' posts what Slack, Discord, Telegram, ntfy, Gotify and healthchecks expect", async () => {
    const { port } = receiver;
    const slack = await tried('slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops');
    expect(slack.path).toBe('/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ');
    expect(slack.json()).toMatchObject({
      text: 'FIRING: A test of this notifier',
      channel: '#ops',
      attachments: [{ color: '#1976d2' }],
    });
    const discord = await tried('discord://123456789/token-of-discord');
    expect(discord.path).toBe('/api/webhooks/123456789/token-of-discord?wait=true');
    expect(discord.json()).toMatchObject({
      embeds: [{ title: 'FIRING: A test of this notifier', color: 0x1976d2 }],
      allowed_mentions: { parse: [] },
    });
    const telegram = await tried('tgram://123456789:AAEhBOweik6ad6PsVLt3M/-1001');
    expect(telegram.path).toBe('/bot123456789:AAEhBOweik6ad6PsVLt3M/sendMessage');
    expect(telegram.json()).toMatchObject({
      chat_id: '-1001',
      text: expect.stringMatching(/^FIRING: A test.*Nothing is wrong/s),
    });
    const ntfy = await tried(`ntfy://joe:word@127.0.0.1:${port}/alerts`, 'resolved');
    expect(ntfy.path).toBe('/');
    expect(ntfy.headers['authorization']).toBe(`Basic ${Buffer.from('joe:word').toString('base64')}`);
    expect(ntfy.json()).toMatchObject({
      sequence_id: expect.stringMatching(/^[0-9a-f-]{32,36}$/),
      topic: 'alerts',
      title: 'RESOLVED: A test of this notifier',
      priority: 3,
      tags: ['white_check_mark'],
    });
    const gotify = await tried(`gotify://127.0.0.1:${port}/AbcDef123456`);
    expect([gotify.path, gotify.headers['x-gotify-key']]).toEqual(['/message', 'AbcDef123456']);
    expect(gotify.json()).toMatchObject({ title: 'FIRING: A test of this notifier', priority: 4 });
    const ping = `healthchecks://127.0.0.1:${port}/ping/0b5e1c1a-1111?tls=no`;
    expect((await tried(ping)).path).toBe('/ping/0b5e1c1a-1111/fail');
    expect((await tried(ping, 'resolved')).path).toBe('/ping/0b5e1c1a-1111');
  });

  test('the webhook has exactly the keys of Alertmanager, version 4', async () => {
    const url = `json://127.0.0.1:${receiver.port}/hook`;
    const firing = (await tried(url)).json() as unknown as Record<string, unknown> & {
      alerts: Record<string, unknown>[];
    };
    expect(Object.keys(firing).sort()).toEqual([
      'alerts',
      'commonAnnotations',
      'commonLabels',
      'externalURL',
      'groupKey',
      'groupLabels',
      'receiver',
      'status',
      'truncatedAlerts',
      'version',
    ]);
    expect(firing).toMatchObject({ version: '4', status: 'firing', receiver: 'try', truncatedAlerts: 0 });
    expect(Object.keys(firing.alerts[0] ?? {}).sort()).toEqual([
      'annotations',
      'endsAt',
      'fingerprint',
      'generatorURL',
      'labels',
      'startsAt',
      'status',
    ]);
    expect(firing.alerts[0]).toMatchObject({
      status: 'firing',
      endsAt: '0001-01-01T00:00:00Z',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const resolved = (await tried(url, 'resolved')).json() as unknown as typeof firing;
    expect(Date.parse(String(resolved.alerts[0]?.['endsAt']))).toBeGreaterThan(Date.now() - 60_000);
  });

  test('a secret that is a word of the message does not spoil it', async () => {
    await on.ok('notifier_add', {
      name: 'word',
      url: `json://joe:alerts@127.0.0.1:${receiver.port}/hook`,
      replace: true,
    });
    await on.ok('notifier_test', { name: 'word' });
    expect(last().json()).toMatchObject({ alerts: [{ labels: { alertname: 'FlotillaTest' } }] });
  });

  test('mail goes out over SMTP with a login', async () => {
    const server = await startMailServer({ user: 'joe', password: 'word-of-joe' });
    await on.ok('notifier_add', {
      name: 'mail',
      url: `mailto://joe:word-of-joe@127.0.0.1:${server.port}?from=flotilla@example.org&to=ops@example.org,two@example.org`,
    });
    const { accepted, detail } = await on.ok<{ accepted: boolean; detail: string }>('notifier_test', {
      name: 'mail',
    });
    expect([accepted, detail]).toEqual([true, 'accepted for 2 of 2']);
    expect(server.mails).toMatchObject([
      { from: 'flotilla@example.org', to: ['ops@example.org', 'two@example.org'] },
    ]);
    expect(server.mails[0]?.raw).toMatch(/^Subject: FIRING: A test of this notifier\r$/m);
    expect(server.mails[0]?.raw).toContain('Auto-Submitted: auto-generated');
    await on.ok('notifier_add', {
      name: 'mail',
      replace: true,
      url: `mailto://joe:wrong-word@127.0.0.1:${server.port}?to=ops@example.org`,
    });
    const answer = await on.call('notifier_test', { name: 'mail' });
    expect([answer.isError, answer.structuredContent]).toMatchObject([
      true,
      { accepted: false, detail: 'EAUTH SMTP 535' },
    ]);
    await server.close();
  });

  test("'notifier_add' keeps the URL sealed: no list, log, audit or file ever shows its secret", async () => {
    const token = 'CANARY-4f1cfa9d';
    const { to, text } = await on.ok('notifier_add', {
      name: 'sealed',
      url: `gotify://127.0.0.1:1/${token}`,
    });
    expect(to).toBe('127.0.0.1:1');
    const listed = await on.ok('notifier_list');
    const audit = on.runtime.services.audit.search({ tool: 'notifier_*', limit: 1_000 });
    const rows = on.runtime.services.store.read((sql) => sql.all('SELECT * FROM monitoring_notifier'));
    for (const seen of [text, listed, audit, rows]) expect(JSON.stringify(seen)).not.toContain(token);
    expect(on.runtime.services.redactor.text(`x ${token} y`)).not.toContain(token);
    expect(await on.fails('notifier_add', { name: 'sealed', url: 'json://other.example/x' })).toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    expect(await on.fails('notifier_add', { name: 'odd', url: `nosuch://${token}` })).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  test('the hub does not post to metadata services, to itself only where the config says so, and follows no redirect', async () => {
    await on.ok('notifier_add', {
      name: 'meta',
      url: 'http://169.254.169.254/latest/meta-data/',
      replace: true,
    });
    const answer = await on.call('notifier_test', { name: 'meta' });
    expect(answer.structuredContent).toMatchObject({
      accepted: false,
      detail: expect.stringContaining('may reach'),
    });
    const strict = await alertProcess({ hubMayReach: [] });
    await strict.ok('notifier_add', { name: 'self', url: `json://localhost:${receiver.port}/x` });
    const before = receiver.received.length;
    expect((await strict.call('notifier_test', { name: 'self' })).structuredContent).toMatchObject({
      accepted: false,
    });
    await strict.ok('notifier_add', {
      name: 'mail',
      url: `mailto://127.0.0.1:${receiver.port}?to=a@b.org&from=a@b.org`,
    });
    expect((await strict.call('notifier_test', { name: 'mail' })).structuredContent).toMatchObject({
      accepted: false,
    });
    expect(receiver.received.length).toBe(before);
    await strict.close();
    const turning = await startReceiver(() => ({
      status: 302,
      headers: { location: `${receiver.base}/stolen` },
    }));
    await on.ok('notifier_add', { name: 'turn', url: `json://127.0.0.1:${turning.port}/x` });
    expect((await on.call('notifier_test', { name: 'turn' })).structuredContent).toMatchObject({
      accepted: false,
      detail: 'HTTP 302',
    });
    expect(receiver.received.length).toBe(before);
    await turning.close();
  });

  test("'notifier_remove' deletes it with its secret", async () => {
    await on.ok('notifier_add', { name: 'short', url: 'ntfy://topic-of-a-short-life' });
    expect(await on.ok('notifier_remove', { name: 'short' })).toMatchObject({
      kind: 'ntfy',
      droppedNotices: 0,
    });
    const { notifiers } = await on.ok<{ notifiers: { name: string }[] }>('notifier_list');
    expect(notifiers.map(({ name }) => name)).not.toContain('short');
  });

  test("'notifier_list' shows settings, 'notifier_remove' deletes, and unknown names are told the nearest", async () => {
    await on.ok('notifier_add', {
      name: 'ops',
      url: 'ntfy://topic-of-ops',
      matchers: ['severity="critical"'],
      repeatIntervalS: 600,
    });
    const { notifiers } = await on.ok<{ notifiers: { name: string }[] }>('notifier_list');
    expect(notifiers.find(({ name }) => name === 'ops')).toMatchObject({
      kind: 'ntfy',
      matchers: ['severity="critical"'],
      repeatIntervalS: 600,
      sent: 0,
    });
    expect(await on.fails('notifier_test', { name: 'opps' })).toMatchObject({
      code: 'NOT_FOUND',
      details: { nearest: 'ops' },
    });
    await on.ok('notifier_remove', { name: 'ops' });
    expect(await on.fails('notifier_remove', { name: 'ops' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(
      await on.fails('notifier_add', { name: 'bad', url: 'ntfy://x', matchers: ['severity'] }),
    ).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await on.fails('notifier_list', { name: 'x' })).toMatchObject({ code: 'INVALID_INPUT' });
  });
});

test('notices survive a process, wait for a receiver that is busy, and those it refuses are given up', async () => {
  let busy = true;
  const receiver = await startReceiver(({ path }) => (path === '/refuse' ? 403 : busy ? 503 : 200));
  const on = await alertProcess({ alerts: true, sample: false, evaluateS: 1 }, { background: true });
  for (const path of ['busy', 'refuse'])
    await on.ok('notifier_add', {
      name: path,
      url: `json://127.0.0.1:${receiver.port}/${path}`,
      groupWaitS: 0,
      groupIntervalS: 1,
    });
  await on.ok('notifier_add', {
    name: 'other',
    url: 'ntfys://joe:password-of-another-one@127.0.0.9/x',
    matchers: ['alertname="Never"'],
  });
  await on.ok('alert_rule_add', {
    alert: 'Nothing',
    expr: 'absent(nothing_at_all)',
    summary: 'Nothing is there; psst: password-of-another-one',
  });
  type Listed = {
    notifiers: { name: string; waiting: number; dead: number; sent: number; lastError?: string }[];
  };
  const listed = async () => (await on.ok<Listed>('notifier_list')).notifiers;
  await waitFor(
    async () =>
      (await listed())
        .filter(({ name }) => name !== 'other')
        .every(({ lastError }) => lastError !== undefined),
    {
      timeoutMs: 30_000,
      intervalMs: 100,
    },
  );
  expect(await listed()).toMatchObject([
    { name: 'busy', waiting: 1, dead: 0, lastError: 'HTTP 503' },
    { name: 'other', waiting: 0, dead: 0, sent: 0 },
    { name: 'refuse', waiting: 0, dead: 1, lastError: 'HTTP 403' },
  ]);
  busy = false;
  await on.runtime.services.store.write((sql) =>
    sql.run("UPDATE monitoring_outbox SET next_at = 0 WHERE state = 'pending'"),
  );
  await on.restart();
  await waitFor(async () => (await listed())[0]?.sent === 1, { timeoutMs: 30_000, intervalMs: 100 });
  const bodies = receiver.received.filter(({ path }) => path === '/busy');
  expect(new Set(bodies.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(JSON.parse(bodies.at(-1)?.body ?? '')).toMatchObject({
    status: 'firing',
    alerts: [{ labels: { alertname: 'Nothing', severity: 'warning' } }],
  });
  for (const { body } of receiver.received) expect(body).not.toContain('password-of-another-one');
  await on.close();
  await receiver.close();
}, 90_000);
