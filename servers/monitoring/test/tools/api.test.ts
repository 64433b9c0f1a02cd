import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, startAuthority } from '../helpers/certificates.ts';
import { probeProcess } from '../helpers/probe-process.ts';
import { type WebServer, webServer } from '../helpers/web-server.ts';

const on = probeProcess();
const folder = tempDir('flotilla-api-');
let authority: Authority;
let web: WebServer;
let secure: WebServer;
const KEY = 'sesame-open-4711';
const PASS = 'pa:ss "word" $(id)';

beforeAll(async () => {
  authority = startAuthority(folder.path);
  const answer: Parameters<typeof webServer>[0] = (request, response) => {
    const { authorization, 'x-api-key': key } = request.headers;
    const basic = `Basic ${Buffer.from(`me:${PASS}`).toString('base64')}`;
    const ok =
      authorization === `Bearer ${KEY}` ||
      (authorization === basic && (request.url !== '/both' || key === KEY)) ||
      request.url === '/open';
    response.writeHead(ok ? 200 : 401).end(`${request.method} ${ok ? 'welcome' : 'go away'}`);
  };
  web = await webServer(answer);
  secure = await webServer(answer, authority.issue('IP:127.0.0.1'));
});
afterAll(() => {
  authority.forget();
  folder.remove();
});

interface Answer {
  status: string;
  http_code?: number;
  response_time_ms: number;
  reason?: string;
}
const check = (args: object) => on.ok<Answer>('api_check', { ...args });

describe('the catalogue', () => {
  test('api_add, api_check, api_list and api_remove of an API with a key', async () => {
    const added = await on.ok('api_add', {
      alias: 'shop',
      url: web.url,
      health_check_endpoint: '/health',
      auth_method: 'api_key',
      api_key: KEY,
      expected_body: 'welcome',
      notes: 'the shop',
    });
    expect(added).toMatchObject({ created: true, checks: `${web.url}/health`, droppedSecrets: [] });
    const answer = await check({ alias: 'shop' });
    expect(answer).toMatchObject({ status: 'UP', http_code: 200, from: 'hub' });
    expect(answer.response_time_ms).toBeGreaterThanOrEqual(0);
    expect(web.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY}`);
    const list = await on.ok<{ apis: object[] }>('api_list');
    expect(list.apis).toMatchObject([
      { alias: 'shop', has_api_key: true, has_htpasswd_pass: false, last_check: { status: 'UP' } },
    ]);
    expect(JSON.stringify([added, answer, list])).not.toContain(KEY);
    expect(await on.ok('api_remove', { alias: 'shop' })).toMatchObject({ removed: true });
    expect((await on.ok<{ apis: object[] }>('api_list')).apis).toEqual([]);
  });

  test('user and password, and both', async () => {
    await on.ok('api_add', {
      alias: 'basic',
      url: web.url,
      auth_method: 'htpasswd',
      htpasswd_user: 'me',
      htpasswd_pass: PASS,
      health_check_method: 'POST',
      expected_body: 'POST welcome',
    });
    expect(await check({ alias: 'basic' })).toMatchObject({ status: 'UP' });
    await on.ok('api_add', {
      alias: 'both',
      url: web.url,
      health_check_endpoint: 'both',
      auth_method: 'both',
      auth_header_name: 'X-API-Key',
      auth_scheme: '',
      api_key: KEY,
      htpasswd_user: 'me',
      htpasswd_pass: PASS,
    });
    expect(await check({ alias: 'both' })).toMatchObject({ status: 'UP', http_code: 200 });
  });

  test('down, and why', async () => {
    await on.ok('api_add', { alias: 'locked', url: web.url });
    const answer = await check({ alias: 'locked' });
    expect(answer).toMatchObject({ status: 'DOWN', http_code: 401, reason: 'it answers 401' });
    expect(answer.text).toContain('locked is DOWN, HTTP 401');
  });

  test('secrets are nowhere in the data folder, and masked in what hosts say', async () => {
    await on.ok('api_add', { alias: 'hidden', url: web.url, auth_method: 'api_key', api_key: KEY });
    for (const file of readdirSync(on.dataDir, { recursive: true, withFileTypes: true }))
      if (file.isFile())
        expect(readFileSync(join(file.parentPath, file.name)).includes(KEY), file.name).toBe(false);
    const other = await on.again();
    const said = await other.ok<{ text: string }>('api_check', { alias: 'hidden' });
    expect(said.text).toContain('UP');
    expect(other.runtime.services.redactor.text(`x ${KEY} y`)).toBe('x [secret] y');
  });

  test('a changed url drops the secrets: they cannot be sent elsewhere', async () => {
    await on.ok('api_add', { alias: 'mine', url: web.url, auth_method: 'api_key', api_key: KEY });
    expect(
      await on.ok('api_add', { alias: 'mine', url: web.url, auth_method: 'api_key', notes: 'kept' }),
    ).toMatchObject({ droppedSecrets: [] });
    expect(await check({ alias: 'mine' })).toMatchObject({ status: 'UP' });
    const thief = await webServer((_, response) => response.end('thanks'), undefined, '127.0.0.7');
    expect(
      await on.fails('api_add', { alias: 'mine', url: thief.url, auth_method: 'api_key' }),
    ).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await on.ok('api_add', { alias: 'mine', url: thief.url })).toMatchObject({
      droppedSecrets: ['api_key'],
    });
    // The second step of the same theft: the url stays now, only the login is asked for again.
    expect(
      await on.fails('api_add', { alias: 'mine', url: thief.url, auth_method: 'api_key' }),
    ).toMatchObject({ code: 'INVALID_INPUT' });
    await check({ alias: 'mine' });
    expect(await on.fails('api_add', { alias: 'mine', url: web.url, auth_method: 'api_key' })).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(thief.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('an edit of the state file does not move a secret to another address', async () => {
    await on.ok('api_add', { alias: 'kept', url: web.url, auth_method: 'api_key', api_key: KEY });
    const thief = await webServer((_, response) => response.end('thanks'), undefined, '127.0.0.8');
    await on.runtime.services.store.write((sql) =>
      sql.run('UPDATE monitoring_api SET settings = replace(settings, ?, ?) WHERE alias = ?', [
        web.url,
        thief.url,
        'kept',
      ]),
    );
    expect(await on.fails('api_check', { alias: 'kept' })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(thief.requests).toEqual([]);
  });

  test('an endpoint cannot lead to another place', async () => {
    for (const health_check_endpoint of [
      '//evil.example/x',
      '@evil.example/',
      'http://evil.example/',
      '\\\\evil.example',
    ]) {
      const answer = await on.call('api_add', { alias: 'bent', url: web.url, health_check_endpoint });
      const { checks } = (answer.structuredContent ?? {}) as { checks?: string };
      if (checks !== undefined) expect(new URL(checks).origin, health_check_endpoint).toBe(web.url);
    }
  });

  test('what api_add, api_check and api_remove refuse: INVALID_INPUT, NOT_FOUND', async () => {
    const add = async (more: object) =>
      (await on.fails('api_add', { alias: 'x', url: web.url, ...more })).code;
    expect(await add({ url: 'ftp://x' })).toBe('INVALID_INPUT');
    expect(await add({ url: 'http://me:pw@example.com' })).toBe('INVALID_INPUT');
    expect(await add({ auth_method: 'api_key' })).toBe('INVALID_INPUT');
    expect(
      await add({ auth_method: 'both', api_key: KEY, htpasswd_user: 'a', htpasswd_pass: 'bbbbbb' }),
    ).toBe('INVALID_INPUT');
    expect(await add({ api_key: 'two\nlines' })).toBe('INVALID_INPUT');
    expect(await on.fails('api_check', { alias: 'nothing' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await on.fails('api_remove', { alias: 'nothing' })).toMatchObject({ code: 'NOT_FOUND' });
    expect((await on.call('api_list', { text: 5 })).isError).toBe(true);
  });
});

describe('from a host', () => {
  test('api_check through a host; over HTTPS it never sees the secrets', async () => {
    await on.ok('api_add', { alias: 'inner', url: secure.url, auth_method: 'api_key', api_key: KEY });
    const answer = await check({ alias: 'inner', server_alias: 'web1' });
    expect(answer).toMatchObject({ status: 'UP', from: 'web1', http_code: 200 });
    const late = await startSshd();
    const { host, port, user, keyPath } = late;
    await on.addHost('late', { host, port, user, keyPath });
    expect(await check({ alias: 'inner', server_alias: 'late' })).toMatchObject({ status: 'UP' });
    await on.ok('api_add', { alias: 'plain', url: web.url, auth_method: 'api_key', api_key: KEY });
    expect(await check({ alias: 'plain', server_alias: 'late' })).toMatchObject({ status: 'UP' });
    const second = await startSshd();
    const { inventory } = on.runtime.services;
    await inventory.save(
      { alias: 'later', host: second.host, port: second.port, user: second.user, keyPath: second.keyPath },
      { person: true },
    );
    const asked = web.requests.length;
    expect(await on.fails('api_check', { alias: 'plain', server_alias: 'later' })).toMatchObject({
      code: 'DENIED',
    });
    expect(web.requests.length).toBe(asked);
    await Promise.all([
      inventory.remove('late', { person: true }),
      inventory.remove('later', { person: true }),
    ]);
    await Promise.all([late.stop(), second.stop()]);
  });

  test('check_api_health reaches what only the host can reach, also where sshd forbids forwards', async () => {
    const inside = await webServer((_, response) => response.end('inside'), undefined, '127.0.0.66');
    for (const alias of ['web1', 'bare1'])
      expect(await on.row('check_api_health', { alias, url: `${inside.url}/open` }), alias).toMatchObject({
        status: 'UP',
        http_code: 200,
        from: alias,
      });
    expect(await on.row('check_api_health', { alias: 'web1', url: 'http://127.0.0.1:1/' })).toMatchObject({
      status: 'DOWN',
      reason: 'nothing listens there',
    });
    expect(await on.row('check_api_health', { alias: 'bare1', url: 'http://127.0.0.1:1/' })).toMatchObject({
      status: 'DOWN',
    });
  });

  test('check_api_health from many hosts: a row each', async () => {
    const answer = await on.ok('check_api_health', { alias: ['web1', 'bare1'], url: `${web.url}/open` });
    expect(answer).toMatchObject({
      rows: [
        { alias: 'web1', from: 'web1', status: 'UP' },
        { alias: 'bare1', from: 'bare1', status: 'UP' },
      ],
    });
    expect(answer.text.match(/is UP/g)).toHaveLength(2);
  });

  test('check_api_health of nothing: NOT_FOUND, INVALID_INPUT', async () => {
    expect(await on.fails('check_api_health', { alias: 'nobody', url: web.url })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await on.fails('check_api_health', { alias: 'web1', url: `file:///etc/passwd` })).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});
