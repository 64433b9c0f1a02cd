import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '@flotilla/core';
import { serveStdio } from '@flotilla/core/mcp';
import { expect, it, vi } from 'vitest';
import { fixtureEndpoint } from '../fixtures/endpoint.ts';
import { hanging } from '../fixtures/tools.ts';

const CHILD = fileURLToPath(new URL('../fixtures/stdio-child.ts', import.meta.url));
const line = (message: object) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
const OPENING =
  line({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '0' } },
  }) + line({ method: 'notifications/initialized' });

function serve() {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const chunks: string[] = [];
  stdout.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  const serving = serveStdio(fixtureEndpoint(), { log: silentLogger, stdin, stdout, uid: 4242 });
  const answerTo = (id: number) =>
    vi.waitFor(() => {
      const found = chunks
        .join('')
        .split('\n')
        .filter((text) => text !== '')
        .map((text) => JSON.parse(text) as { id?: number; result?: unknown; error?: unknown })
        .find((message) => message.id === id);
      if (found === undefined) throw new Error(`no answer ${id}`);
      return found;
    }, 10_000);
  return { stdin, stdout, serving, answerTo };
}

it('calls for the user of the process', async () => {
  const { stdin, serving, answerTo } = serve();
  stdin.write(
    OPENING + line({ id: 2, method: 'tools/call', params: { name: 'echo', arguments: { message: 'x' } } }),
  );
  expect(await answerTo(2)).toMatchObject({
    result: { structuredContent: { by: 'stdio:4242', client: 'raw' } },
  });
  await (await serving).close();
});

it('leaves a gap between progress and its result', async () => {
  const { stdin, stdout, serving, answerTo } = serve();
  stdin.write(OPENING);
  await answerTo(1);
  const turns: boolean[] = [];
  let turned = true;
  stdout.on('data', (chunk: string) => {
    if (chunk.includes('notifications/progress')) {
      turned = false;
      setImmediate(() => {
        turned = true;
      });
    } else turns.push(turned);
  });
  for (let id = 2; id < 12; id++) {
    const params = { name: 'steps', arguments: {}, _meta: { progressToken: `t${id}` } };
    stdin.write(line({ id, method: 'tools/call', params }));
    await answerTo(id);
  }
  expect(turns).toEqual(Array.from({ length: 10 }, () => true));
  await (await serving).close();
});

it('answers what it does not know with an error, and goes on', async () => {
  const { stdin, serving, answerTo } = serve();
  stdin.write(`${OPENING}this is not JSON\n${line({ id: 3, method: 'no/such' })}`);
  expect(await answerTo(3)).toMatchObject({ error: { code: -32_601 } });
  stdin.write(line({ id: 4, method: 'tools/call', params: { name: 7 } }) + line({ id: 5, method: 'ping' }));
  expect(await answerTo(4)).toMatchObject({ error: { code: -32_602 } });
  expect(await answerTo(5)).toMatchObject({ result: {} });
  await (await serving).close();
});

it('ends and aborts calls when the client closes its end', async () => {
  const { stdin, serving, answerTo } = serve();
  const { closed } = await serving;
  const before = { ...hanging };
  stdin.write(OPENING + line({ id: 2, method: 'tools/call', params: { name: 'hang', arguments: {} } }));
  await answerTo(1);
  await vi.waitFor(() => expect(hanging.started).toBe(before.started + 1), 10_000);
  stdin.end();
  await closed;
  await vi.waitFor(() => expect(hanging.aborted).toBe(before.aborted + 1), 10_000);
});

it('ends a process whose stdin ends, having written nothing but the protocol', async () => {
  const child = spawn(process.execPath, ['--conditions=@flotilla/source', CHILD], { stdio: 'pipe' });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
    if (out.includes('"id":1')) child.stdin.end();
  });
  child.stdin.write(OPENING);
  const [code] = await once(child, 'close');
  expect(code).toBe(0);
  for (const text of out.trim().split('\n')) expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0' });
});

it('takes a message of 12 MB, and ends at one that never stops', async () => {
  const { stdin, serving, answerTo } = serve();
  const { closed } = await serving;
  const message = 'x'.repeat(12_000_000);
  stdin.write(
    OPENING + line({ id: 2, method: 'tools/call', params: { name: 'echo', arguments: { message } } }),
  );
  expect(await answerTo(2)).toMatchObject({ result: { structuredContent: { code: 'INVALID_INPUT' } } });
  for (let i = 0; i < 40; i++) stdin.write('y'.repeat(1_000_000));
  await closed;
});
