import { AsyncLocalStorage } from 'node:async_hooks';
import type { FetchLike } from '@modelcontextprotocol/client';
import { Agent, fetch } from 'undici';
import { cappedBody } from './capped-body.ts';

/** Set around one tool call: its POST tells here when the body of its response has ended. */
export const currentExchange = new AsyncLocalStorage<{ bodyEnded: (error?: unknown) => void }>();

const NULL_BODY = [101, 204, 205, 304];

export interface HttpClient {
  fetch: FetchLike;
  close(): Promise<void>;
}

/** `fetch` with its own connections, a connect deadline, capped bodies, and no limit on how long an answer may take. */
export function httpClient(options: { connectMs: number; maxMessageBytes: number }): HttpClient {
  const agent = new Agent({
    connect: { timeout: options.connectMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    connections: 64,
    pipelining: 1,
  });
  return {
    fetch: async (url, init) => {
      const exchange = init?.method === 'POST' ? currentExchange.getStore() : undefined;
      const response = (await fetch(String(url), {
        ...(init as Parameters<typeof fetch>[1]),
        dispatcher: agent,
      })) as unknown as Response;
      if (!response.body || NULL_BODY.includes(response.status)) return response;
      const body = cappedBody(response.body, {
        maxBytes: options.maxMessageBytes,
        eventStream: response.headers.get('content-type')?.includes('text/event-stream') === true,
        onEnd: (error) => exchange?.bodyEnded(error),
      });
      return new Response(body, {
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
      });
    },
    close: () => agent.destroy(),
  };
}
