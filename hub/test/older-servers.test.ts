import { createInterface } from 'node:readline';
import { freePort, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../src/backend/backend.ts';
import { PRINCIPAL, remote, type TestHub, testHub } from './support/hub.ts';
import { fixturePath, type Started, startFixture } from './support/processes.ts';

describe.each(['stdio', 'http'])('a server on the v1 SDK over %s', (transport) => {
  let hub: TestHub;
  let mount: Backend;
  let server: Started | undefined;
  const lines: string[] = [];

  beforeAll(async () => {
    if (transport === 'stdio') {
      const args = [fixturePath('v1-server.mjs'), 'stdio'];
      mount = remote({ name: 'v1', target: { kind: 'stdio', command: process.execPath, args, env: {} } });
    } else {
      const port = await freePort();
      server = await startFixture('listening', 'v1-server.mjs', 'http', String(port));
      if (server.process.stderr)
        createInterface({ input: server.process.stderr }).on('line', (line) => lines.push(line));
      mount = remote({
        name: 'v1',
        target: { kind: 'http', url: `http://127.0.0.1:${port}/mcp`, headers: {} },
      });
    }
    hub = testHub(() => [mount]);
    await hub.endpoint.settled(20_000);
  });
  afterAll(async () => {
    await hub.stop();
    await server?.kill();
  });

  test('it is connected by the older handshake', () => {
    expect(mount.state).toMatchObject({
      status: 'ready',
      server: { name: 'v1', version: '1.32.0' },
      protocol: '2025-11-25',
    });
  });

  test('results pass', async () => {
    const answer = await hub.call('v1__add', { a: 2, b: 40 });
    expect(answer).toEqual({ content: [{ type: 'text', text: '42' }], structuredContent: { sum: 42 } });
  });

  test('protocol errors pass with code and data', async () => {
    await expect(hub.call('v1__refuse')).rejects.toMatchObject({ code: -32602, data: { field: 'a' } });
  });

  test('progress passes', async () => {
    const seen: unknown[] = [];
    await hub.call('v1__slow', { end: true }, { onProgress: (update) => seen.push(update) });
    expect(seen).toEqual([1, 2, 3].map((progress) => ({ progress, total: 3 })));
  });

  test('a cancel reaches it', async () => {
    const cancel = new AbortController();
    const started = Promise.withResolvers<void>();
    const call = hub.call('v1__slow', {}, { signal: cancel.signal, onProgress: () => started.resolve() });
    await started.promise;
    cancel.abort();
    expect((await call).structuredContent).toMatchObject({ code: 'CANCELLED' });
    if (transport === 'http') await waitFor(() => lines.includes('aborted'));
  });

  if (transport === 'http')
    test('a call whose session is forgotten is made in a new one', async () => {
      await hub.call('v1__forget');
      const answers = await Promise.all([1, 2, 3].map((a) => hub.call('v1__add', { a, b: 1 })));
      expect(answers.map((answer) => answer.structuredContent)).toEqual([{ sum: 2 }, { sum: 3 }, { sum: 4 }]);
    });

  test('a changed list is noticed', async () => {
    await hub.call('v1__grow');
    await waitFor(() => hub.endpoint.listTools(PRINCIPAL).some(({ name }) => name === 'v1__grown'));
  });
});
