import { silentLogger } from '@flotilla/core';
import { type HttpServing, serveHttp } from '@flotilla/core/mcp';
import { tempDir, waitFor } from '@flotilla/testkit';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as V1Client } from 'sdk-v1-32/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from 'sdk-v1-32/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHub, testHub } from './support/hub.ts';
import { notesIn, rawMount } from './support/raw.ts';

const TOKEN = 'a-token-that-is-long-enough-0123456789';
const IDENTITY = {
  '~standard': { version: 1 as const, vendor: 'test', validate: (value: unknown) => ({ value }) },
};
const folder = tempDir('front-door');
const notes = notesIn(folder.path, 'notes');
let hub: TestHub;
let front: HttpServing;

beforeAll(async () => {
  hub = testHub(() => [rawMount('raw', 'calls', { notes: notes.path }), rawMount('grows', 'changing')]);
  await hub.endpoint.settled(20_000);
  front = await serveHttp(hub.endpoint, {
    port: 0,
    tokens: [{ name: 'test', token: TOKEN }],
    log: silentLogger,
  });
});
afterAll(async () => {
  await front.close();
  await hub.stop();
  folder.remove();
});

const init = { requestInit: { headers: { authorization: `Bearer ${TOKEN}` } } };

interface Front {
  list(): Promise<{ name: string }[]>;
  call(
    name: string,
    args: Record<string, unknown>,
    options?: { signal?: AbortSignal; onprogress?: (update: unknown) => void },
  ): Promise<unknown>;
  onListChanged(listener: () => void): void;
  close(): Promise<void>;
}

async function v2(mode: 'legacy' | 'auto'): Promise<Front> {
  let changed = (): void => {};
  const client = new Client(
    { name: 'v2', version: '1' },
    {
      versionNegotiation: { mode },
      listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => changed() } },
    },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(front.url), init));
  expect(client.getProtocolEra()).toBe(mode === 'auto' ? 'modern' : 'legacy');
  return {
    list: async () => (await client.listTools()).tools,
    call: (name, args, options) =>
      client.request({ method: 'tools/call', params: { name, arguments: args } }, IDENTITY, options),
    onListChanged: (listener) => {
      changed = listener;
    },
    close: () => client.close(),
  };
}

async function v1(): Promise<Front> {
  let changed = (): void => {};
  const client = new V1Client(
    { name: 'v1', version: '1' },
    { listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => changed() } } },
  );
  await client.connect(new V1Transport(new URL(front.url), init) as never);
  return {
    list: async () => (await client.listTools()).tools,
    call: (name, args, options) => client.callTool({ name, arguments: args }, undefined, options),
    onListChanged: (listener) => {
      changed = listener;
    },
    close: () => client.close(),
  };
}

describe.each([
  ['v1', v1],
  ['v2, older protocol', () => v2('legacy')],
  ['v2, newest protocol', () => v2('auto')],
] as const)('%s client → hub over HTTP → child over stdio', (_name, connect) => {
  let client: Front;
  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  test('the list is accepted', async () => {
    expect((await client.list()).map(({ name }) => name)).toContain('raw__one');
  });

  test('a protocol error keeps its code, message and data', async () => {
    const failed = await client.call('raw__protocol_error', {}).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: -32042, data: { retryAfter: 5 } });
    expect((failed as Error).message).toContain('Not today');
  });

  test('progress arrives complete', async () => {
    const seen: { progress: number }[] = [];
    await client.call(
      'raw__burst',
      {},
      { onprogress: (update) => seen.push(update as { progress: number }) },
    );
    expect(seen.map(({ progress }) => progress)).toEqual([1, 2, 3]);
  });

  test('a cancel goes all the way', async () => {
    const before = notes.read().match(/cancelled/g)?.length ?? 0;
    const started = notes.read().match(/call never/g)?.length ?? 0;
    const cancel = new AbortController();
    const call = client.call('raw__never', {}, { signal: cancel.signal }).catch((error: unknown) => error);
    await waitFor(() => (notes.read().match(/call never/g)?.length ?? 0) > started);
    cancel.abort();
    await call;
    await waitFor(() => (notes.read().match(/cancelled/g)?.length ?? 0) > before);
  });

  test('a failure of the mount is an answer with a code and a hint', async () => {
    const answer = (await client.call('raw__bad_content', {})) as {
      isError: boolean;
      structuredContent: unknown;
    };
    expect(answer).toMatchObject({
      isError: true,
      structuredContent: { code: 'SERVER_UNAVAILABLE', hint: expect.any(String) },
    });
  });

  test('a changed list of a mount is told', async () => {
    const told = Promise.withResolvers<void>();
    client.onListChanged(() => told.resolve());
    const grown = (await client.list()).find(({ name }) => name.startsWith('grows__'))?.name ?? '';
    await client.call(grown, {});
    await told.promise;
    const now = (await client.list()).find(({ name }) => name.startsWith('grows__'))?.name;
    expect(now).not.toBe(grown);
  });
});
