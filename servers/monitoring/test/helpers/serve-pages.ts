import { createEndpoint, silentLogger } from '@flotilla/core';
import { serveHttp } from '@flotilla/core/mcp';
import type { OpenServer } from '@flotilla/runtime/testing';

export const TOKEN = 'token-of-the-webhook-test';

/** The pages of a server on loopback. */
export async function servePages({ runtime }: OpenServer) {
  const endpoint = createEndpoint({
    info: { name: 'test', version: '1', title: 'Test', instructions: '' },
    tools: () => [],
    call: runtime.call,
    gate: runtime.gate,
  });
  const served = await serveHttp(endpoint, {
    port: 0,
    tokens: [{ name: 'test', token: TOKEN }],
    log: silentLogger,
    pages: runtime.pages,
  });
  const url = `http://127.0.0.1:${served.port}/alertmanager/webhook`;
  const post = (body: unknown, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { url, post, close: () => served.close() };
}
