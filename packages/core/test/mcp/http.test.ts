import { request as httpRequest } from 'node:http';
import { FlotillaError, silentLogger, type ToolEndpoint } from '@flotilla/core';
import { type HttpServing, serveHttp } from '@flotilla/core/mcp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connect } from '../fixtures/clients.ts';
import { fixtureEndpoint } from '../fixtures/endpoint.ts';
import { hanging } from '../fixtures/tools.ts';

const TOKEN = 'the-token-of-the-tester';
const OTHER = 'the-token-of-another-one';
const PROTOCOL = '2026-07-28';

let http: HttpServing;
const serve = (
  more: Partial<Parameters<typeof serveHttp>[1]> = {},
  endpoint: ToolEndpoint = fixtureEndpoint(),
) =>
  serveHttp(endpoint, {
    port: 0,
    tokens: [
      { name: 'tester', token: TOKEN },
      { name: 'other', token: OTHER },
    ],
    log: silentLogger,
    ...more,
  });
beforeAll(async () => {
  http = await serve({ maxBodyBytes: 50_000 });
});
afterAll(() => http.close());

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** A raw request: fetch would not let a test set Host. */
function send(
  method: string,
  headers: Record<string, string>,
  body?: string,
  path = '/mcp',
  port = http.port,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

const json = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  authorization: `Bearer ${TOKEN}`,
};
const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '0' } },
});
function modern(
  method: string,
  params: object = {},
  id: number | string = 1,
): [Record<string, string>, string] {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': PROTOCOL,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const headers = { ...json, 'mcp-protocol-version': PROTOCOL, 'mcp-method': method };
  return [headers, JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } })];
}

describe('the token', () => {
  it.each([
    ['missing', undefined, 'missing_token'],
    ['wrong', `Bearer ${TOKEN}x`, 'invalid_token'],
    ['of another scheme', `Basic ${TOKEN}`, 'invalid_token'],
    ['empty', 'Bearer ', 'invalid_token'],
  ])('%s: 401 with what to do', async (_what, authorization, error) => {
    const { authorization: _, ...rest } = json;
    const answer = await send('POST', { ...rest, ...(authorization && { authorization }) }, initialize);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="flotilla"/);
    expect(JSON.parse(answer.body)).toMatchObject({
      error,
      hint: expect.stringContaining('flotilla config print'),
    });
  });

  it.each(['GET', 'DELETE', 'PUT'])('is needed for %s too', async (method) => {
    expect((await send(method, {})).status).toBe(401);
  });

  it('is not needed to ask whether the server lives, which says nothing else', async () => {
    const answer = await send('GET', {}, undefined, '/healthz');
    expect(answer).toMatchObject({ status: 200, body: '{"ok":true}' });
  });

  it('has to be a good one', async () => {
    await expect(serve({ tokens: [{ name: 'x', token: 'short' }] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
    await expect(serve({ tokens: [{ name: 'x', token: `\${vault:${'x'.repeat(20)}}` }] })).rejects.toThrow(
      /not resolved/,
    );
  });

  it('that opened a session is the only one that may use it', async () => {
    const opened = await send('POST', json, initialize);
    const session = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    const list = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    expect((await send('POST', { ...json, ...session, authorization: `Bearer ${OTHER}` }, list)).status).toBe(
      404,
    );
    expect((await send('POST', { ...json, ...session }, list)).body).toContain('"echo"');
    expect((await send('DELETE', { ...json, ...session })).status).toBe(200);
    expect((await send('POST', { ...json, ...session }, list)).status).toBe(404);
  });
});

describe('a page beside MCP', () => {
  it('needs the token, and answers GET only', async () => {
    const page = { path: '/metrics', render: async () => ({ type: 'text/plain', body: 'up 1' }) };
    const { port, close } = await serve({ pages: [page] });
    const ask = (init: RequestInit = {}) => fetch(`http://127.0.0.1:${port}/metrics`, init);
    const authorization = json.authorization;
    expect((await ask()).status).toBe(401);
    expect((await ask({ method: 'POST', headers: { authorization } })).status).toBe(405);
    const answer = await ask({ headers: { authorization } });
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain',
      'up 1',
    ]);
    await close();
  });
});

describe('a page that receives', () => {
  const page = {
    path: '/hook',
    maxBodyBytes: 100,
    receive: async (body: unknown) => {
      if (Array.isArray(body)) throw new FlotillaError('INVALID_INPUT', 'A list is no message.');
      return { type: 'application/json', body: JSON.stringify({ got: body }) };
    },
  };

  it('gets the JSON of a POST that has the token', async () => {
    const { port, close } = await serve({ pages: [page] });
    const { authorization } = json;
    const post = (body: string, headers: Record<string, string> = { authorization }) =>
      fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', headers, body });
    const answer = await post('{"a":1}');
    expect([answer.status, await answer.json()]).toEqual([200, { got: { a: 1 } }]);
    expect((await post('{}', {})).status).toBe(401);
    expect((await post('{')).status).toBe(400);
    expect((await post(JSON.stringify('x'.repeat(100)))).status).toBe(413);
    const refused = await post('[]');
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
      400,
      'INVALID_INPUT',
    ]);
    const got = await fetch(`http://127.0.0.1:${port}/hook`, { headers: { authorization } });
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await post('{}', { authorization, origin: 'https://evil.example' })).status).toBe(403);
    await close();
  });
});

describe('a page in a browser', () => {
  it.each([
    ['Host', { host: 'evil.example' }, 403],
    ['Host with a port', { host: 'evil.example:80' }, 403],
    ['Origin', { origin: 'https://evil.example' }, 403],
    ['opaque Origin', { origin: 'null' }, 403],
    ['Origin of this machine', { origin: 'http://localhost:3000' }, 200],
    ['Host of this machine', { host: 'localhost' }, 200],
  ])('with %s is answered %s', async (_what, headers, status) => {
    expect((await send('POST', { ...json, ...headers }, initialize)).status).toBe(status);
  });

  it('can be allowed by name', async () => {
    const open = await serve({ allowedHosts: ['hub.internal'], allowedOrigins: ['page.internal'] });
    const headers = { ...json, host: 'hub.internal:1', origin: 'https://page.internal' };
    expect((await send('POST', headers, initialize, '/mcp', open.port)).status).toBe(200);
    await open.close();
  });
});

describe('bad requests', () => {
  it('that are too large are refused, announced or not', async () => {
    const body = JSON.stringify({ x: 'y'.repeat(60_000) });
    expect((await send('POST', json, body)).status).toBe(413);
    expect((await send('POST', { ...json, 'transfer-encoding': 'chunked' }, body)).status).toBe(413);
  });

  it.each([
    ['no JSON', '{', 400],
    ['no request', '"text"', 400],
    ['an empty body', '', 400],
  ])('with %s are refused', async (_what, body, status) => {
    expect((await send('POST', json, body)).status).toBe(status);
  });

  it.each([
    ['GET', 400],
    ['DELETE', 400],
    ['PUT', 405],
  ])('%s without a session is refused', async (method, status) => {
    expect((await send(method, json)).status).toBe(status);
  });

  it('to another path or session are not found', async () => {
    expect((await send('POST', json, initialize, '/')).status).toBe(404);
    expect((await send('POST', { ...json, 'mcp-session-id': 'none' }, initialize)).status).toBe(404);
  });

  it('for a method that does not exist are 404 in the new protocol', async () => {
    const answer = await send('POST', ...modern('prompts/none'));
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ id: 1, error: { code: -32_601 } });
    expect((await send('POST', ...modern('tools/list'))).status).toBe(200);
  });

  it('leave the server as it was', async () => {
    const client = await connect('v2 legacy', { url: http.url, token: TOKEN });
    expect((await client.call('echo', { message: 'x' })).content).toHaveLength(1);
    await client.close();
  });
});

describe('results', () => {
  it('pass unknown fields of tools and content blocks unchanged', async () => {
    const fixture = fixtureEndpoint();
    const endpoint: ToolEndpoint = {
      ...fixture,
      listTools: () => [
        {
          name: 'odd',
          inputSchema: { type: 'object', 'x-own': 1 },
          icons: [{ src: 'a' }],
          'x-field': { a: 1 },
        },
      ],
      callTool: async ({ meta }) => ({
        content: [
          { type: 'hologram', angle: 3 },
          { type: 'text', text: 'x', 'x-block': true },
        ],
        extra: { _meta: { 'x/y': meta }, 'x-result': 1 },
      }),
    };
    const odd = await serve({}, endpoint);
    const opened = await send('POST', json, initialize, '/mcp', odd.port);
    const session = { ...json, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    const rpc = async (method: string, params: object) => {
      const { body } = await send(
        'POST',
        session,
        JSON.stringify({ jsonrpc: '2.0', id: 5, method, params }),
        '/mcp',
        odd.port,
      );
      return (JSON.parse(body.slice(body.indexOf('{'))) as { result: unknown }).result;
    };
    expect(await rpc('tools/list', {})).toMatchObject({
      tools: [{ inputSchema: { 'x-own': 1 }, icons: [{ src: 'a' }], 'x-field': { a: 1 } }],
    });
    expect(
      await rpc('tools/call', { name: 'odd', _meta: { traceparent: 't', progressToken: 1 } }),
    ).toMatchObject({
      content: [
        { type: 'hologram', angle: 3 },
        { type: 'text', text: 'x', 'x-block': true },
      ],
      _meta: { 'x/y': { traceparent: 't' } },
      'x-result': 1,
    });
    expect(await rpc('tools/call', {}).catch(String)).toBeUndefined();
    await odd.close();
  });

  it('hide what went wrong inside', async () => {
    const callTool = async () => {
      throw new Error('secret path');
    };
    const broken = await serve({}, { ...fixtureEndpoint(), callTool });
    const client = await connect('v2 modern', { url: broken.url, token: TOKEN });
    await expect(client.call('echo')).rejects.toThrow(/^Internal error$/);
    await client.close();
    await broken.close();
  });
});

describe('sessions', () => {
  it('expire when they are not used', async () => {
    const short = await serve({ sessionIdleMs: 30 });
    const opened = await send('POST', json, initialize, '/mcp', short.port);
    const session = { ...json, 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    const list = JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'tools/list' });
    await vi.waitFor(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 150));
        expect((await send('POST', session, list, '/mcp', short.port)).status).toBe(404);
      },
      { timeout: 10_000 },
    );
    await short.close();
  });

  it('are not more than allowed', async () => {
    const small = await serve({ maxSessions: 1 });
    expect((await send('POST', json, initialize, '/mcp', small.port)).status).toBe(200);
    const refused = await send('POST', json, initialize, '/mcp', small.port);
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '60' } });
    await small.close();
  });

  it('end with the server, and calls under way with them', async () => {
    const ending = await serve();
    const client = await connect('v2 legacy', { url: ending.url, token: TOKEN });
    const before = { ...hanging };
    const call = client.call('hang').catch((error: unknown) => error);
    await vi.waitFor(() => expect(hanging.started).toBe(before.started + 1), 10_000);
    await ending.close();
    expect(hanging.aborted).toBe(before.aborted + 1);
    await expect(send('GET', {}, undefined, '/healthz', ending.port)).rejects.toThrow(/ECONNREFUSED/);
    await client.close();
    expect(await call).toBeInstanceOf(Error);
  });

  it('cannot start on a port that is taken', async () => {
    await expect(serve({ port: http.port })).rejects.toThrow(/EADDRINUSE/);
  });
});
