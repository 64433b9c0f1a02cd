import { silentLogger } from '@flotilla/core';
import { type HttpServing, serveHttp } from '@flotilla/core/mcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Target, VERSIONS } from '../fixtures/clients.ts';
import { fixtureEndpoint } from '../fixtures/endpoint.ts';

const TOKEN = 'a-token-of-some-length';
let http: HttpServing;
beforeAll(async () => {
  http = await serveHttp(fixtureEndpoint(), {
    port: 0,
    tokens: [{ name: 't', token: TOKEN }],
    log: silentLogger,
  });
});
afterAll(() => http.close());

const targets: [string, () => Target][] = [
  ['stdio', () => ({ env: {} })],
  ['HTTP', () => ({ url: http.url, token: TOKEN })],
];

describe.each(targets)('over %s', (_kind, target) => {
  it.each(VERSIONS)(
    '%s: a hundred calls at once each get their own answer while one hangs',
    async (version) => {
      const client = await connect(version, target());
      const cancel = new AbortController();
      const hanging = client.call('hang', {}, { signal: cancel.signal }).catch((error: unknown) => error);
      const messages = Array.from({ length: 100 }, (_, i) => `message ${i}`);
      const answers = await Promise.all(messages.map((message) => client.call('echo', { message })));
      expect(answers.map(({ structuredContent }) => structuredContent?.['message'])).toEqual(messages);
      cancel.abort();
      expect(await hanging).toBeInstanceOf(Error);
      await client.close();
    },
  );

  it.each(VERSIONS)('%s: an argument of megabytes is answered, not fatal', async (version) => {
    const client = await connect(version, target());
    const big = await client.call('echo', { message: 'x'.repeat(8_000_000) });
    expect(big).toMatchObject({ isError: true, structuredContent: { code: 'INVALID_INPUT' } });
    expect(JSON.stringify(big).length).toBeLessThan(2_000);
    expect((await client.call('echo', { message: 'still here' })).isError ?? false).toBe(false);
    await client.close();
  });
});
