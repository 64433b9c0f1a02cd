import { createServer, type Socket } from 'node:net';
import { freePort, tempDir } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressPolicy } from '../../src/lib/probe/address-policy.ts';
import { dialFromHub } from '../../src/lib/probe/dial.ts';
import { type HttpRequest, probeHttp } from '../../src/lib/probe/http-probe.ts';
import { type Authority, opensslDate, startAuthority } from '../helpers/certificates.ts';
import { type WebServer, webServer } from '../helpers/web-server.ts';

const dial = dialFromHub(addressPolicy(['127.0.0.0/8']));
const probe = (url: string, more: Partial<HttpRequest> = {}) =>
  probeHttp({ url: new URL(url), method: 'GET', credentials: {}, timeoutMs: 8000, ...more }, dial);

describe('answers', () => {
  let web: WebServer;
  beforeAll(async () => {
    web = await webServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname;
      if (path === '/ok') response.end('all is well');
      else if (path === '/huge') {
        response.writeHead(200);
        const more = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
          response.once('drain', more);
        };
        more();
      } else if (path === '/slow') response.flushHeaders();
      else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
      else if (path === '/to-ok') response.writeHead(301, { location: '/ok' }).end();
      else if (path === '/to-file') response.writeHead(302, { location: 'file:///etc/passwd' }).end();
      else response.writeHead(503).end('broken');
    });
  });

  test('up with status, time and the expected text', async () => {
    expect(await probe(`${web.url}/ok`, { expectedBody: 'is well' })).toMatchObject({
      status: 200,
      redirects: 0,
    });
    const wrong = await probe(`${web.url}/ok`, { expectedBody: 'is bad' });
    expect(wrong.failure).toMatchObject({ reason: 'body' });
  });

  test('a status that is not expected', async () => {
    expect((await probe(`${web.url}/x`)).failure?.message).toBe('it answers 503');
    expect((await probe(`${web.url}/x`, { expectedStatus: [503] })).failure).toBeUndefined();
    expect((await probe(`${web.url}/to-ok`, { expectedStatus: [301] })).failure).toBeUndefined();
  });

  test('redirects are followed, not for ever, and to HTTP alone', async () => {
    expect(await probe(`${web.url}/to-ok`)).toMatchObject({
      status: 200,
      redirects: 1,
      finalUrl: `${web.url}/ok`,
    });
    expect((await probe(`${web.url}/loop`)).failure).toMatchObject({ reason: 'redirects' });
    expect(await probe(`${web.url}/to-file`)).toMatchObject({ status: 302, redirects: 0 });
  });

  test('an endless body is cut off', async () => {
    const found = await probe(`${web.url}/huge`, { expectedBody: 'never' });
    expect(found.failure).toMatchObject({ reason: 'body' });
    expect(found.bytes).toBeLessThan(300_000);
  });

  test('no answer in time', async () => {
    expect((await probe(`${web.url}/slow`, { timeoutMs: 300, expectedBody: 'x' })).failure).toMatchObject({
      reason: 'timeout',
    });
  });

  test('nobody there, no such name, no HTTP', async () => {
    expect((await probe(`http://127.0.0.1:${await freePort()}`)).failure).toMatchObject({
      reason: 'refused',
    });
    expect((await probe('http://no-such-name.invalid')).failure).toMatchObject({ reason: 'dns' });
    const sockets: Socket[] = [];
    const server = createServer(
      (socket) => sockets.push(socket.on('error', () => undefined)) && socket.end('SSH-2.0-x\r\n\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const found = await probe(`http://127.0.0.1:${(server.address() as { port: number }).port}`);
    expect(found.failure).toMatchObject({ reason: 'protocol' });
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('what the hub must not reach is not asked', async () => {
    const asked = web.requests.length;
    const strict = dialFromHub(addressPolicy([]));
    const request = { method: 'GET' as const, credentials: {}, timeoutMs: 4000 };
    for (const url of [
      web.url,
      'http://169.254.169.254/latest/meta-data/',
      `http://localhost:${web.port}`,
      `http://[::ffff:127.0.0.1]:${web.port}/`,
      `http://0x7f.1:${web.port}/`,
    ]) {
      const found = await probeHttp({ ...request, url: new URL(url) }, strict);
      expect(found.failure, url).toMatchObject({ reason: 'forbidden' });
    }
    expect(web.requests.length).toBe(asked);
  });

  test('a redirect does not lead there either', async () => {
    const lure = await webServer(
      (_, response) => response.writeHead(302, { location: `${web.url}/ok` }).end(),
      undefined,
      '127.0.0.9',
    );
    const asked = web.requests.length;
    const found = await probeHttp(
      { url: new URL(lure.url), method: 'GET', credentials: {}, timeoutMs: 4000 },
      dialFromHub(addressPolicy(['127.0.0.9'])),
    );
    expect(found.failure).toMatchObject({ reason: 'forbidden' });
    expect(web.requests.length).toBe(asked);
  });

  test('credentials go to the first origin alone', async () => {
    const other = await webServer((_, response) => response.end('other'), undefined, '127.0.0.2');
    const first = await webServer((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/again' }).end();
      else response.writeHead(307, { location: other.url }).end();
    });
    await probe(first.url, { credentials: { 'x-api-key': 'sesame' } });
    expect(first.requests.map(({ headers }) => headers['x-api-key'])).toEqual(['sesame', 'sesame']);
    expect(other.requests.map(({ headers }) => headers['x-api-key'])).toEqual([undefined]);
  });
});

describe('TLS', () => {
  const folder = tempDir('flotilla-tls-');
  let authority: Authority;
  beforeAll(() => {
    authority = startAuthority(folder.path);
  });
  afterAll(() => {
    authority.forget();
    folder.remove();
  });
  const reason = async (pair: Parameters<typeof webServer>[1]): Promise<string | undefined> => {
    const web = await webServer((_, response) => response.end('secure'), pair);
    const found = await probe(web.url, { credentials: { authorization: 'Bearer sesame' } });
    if (found.failure) expect(web.requests).toEqual([]);
    return found.failure?.message;
  };

  test('a good certificate, with the days it has left', async () => {
    const web = await webServer((_, response) => response.end('secure'), authority.issue('IP:127.0.0.1'));
    const found = await probe(web.url, { expectedBody: 'secure' });
    expect(found).toMatchObject({ status: 200, certificate: { issuer: 'Test CA', names: ['127.0.0.1'] } });
    expect(found.failure).toBeUndefined();
    expect(found.certificate?.daysLeft).toBeGreaterThanOrEqual(58);
  });

  test('bad ones are named, and nothing is sent over them', async () => {
    const day = 86_400_000;
    const valid = { from: opensslDate(Date.now() - 20 * day), to: opensslDate(Date.now() - 10 * day) };
    expect(await reason(authority.issue('IP:127.0.0.1', valid))).toBe('the certificate has expired');
    expect(await reason(authority.selfSigned())).toBe('the certificate is self-signed');
    expect(await reason(authority.issue('DNS:elsewhere.example'))).toBe(
      'the certificate is for another name',
    );
  });

  test('no TLS where it is expected', async () => {
    const web = await webServer((_, response) => response.end('plain'));
    expect((await probe(web.url.replace('http:', 'https:'))).failure).toMatchObject({ reason: 'tls' });
  });
});
