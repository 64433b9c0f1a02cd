import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { Server } from '@modelcontextprotocol/server';
import { answerJson, rpcError } from './http-guards.ts';

interface Session {
  transport: NodeStreamableHTTPServerTransport;
  /** Name of the token that opened it; another one must not use it. */
  owner: string;
  lastUsed: number;
  /** Requests and streams under way. */
  open: number;
}

export interface SessionsOptions {
  createServer(owner: string): Server;
  idleMs: number;
  maxSessions: number;
}

/** Sessions of clients that speak a revision before 2026-07-28. */
export function createSessions(options: SessionsOptions) {
  const sessions = new Map<string, Session>();

  const sweep = () => {
    const limit = performance.now() - options.idleMs;
    for (const session of sessions.values())
      if (session.open === 0 && session.lastUsed <= limit) void session.transport.close();
  };
  const timer = setInterval(sweep, Math.max(50, Math.min(options.idleMs / 4, 60_000))).unref();

  async function open(owner: string): Promise<Session> {
    const session: Session = {
      owner,
      lastUsed: performance.now(),
      open: 0,
      transport: new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => {
          sessions.set(id, session);
        },
      }),
    };
    const server = options.createServer(owner);
    const { onclose } = server;
    server.onclose = () => {
      const id = session.transport.sessionId;
      if (id !== undefined) sessions.delete(id);
      onclose?.();
    };
    await server.connect(session.transport);
    return session;
  }

  return {
    get size() {
      return sessions.size;
    },
    async handle(request: IncomingMessage, response: ServerResponse, owner: string, body?: unknown) {
      const id = request.headers['mcp-session-id'];
      let session = typeof id === 'string' ? sessions.get(id) : undefined;
      if (typeof id === 'string' && session?.owner !== owner)
        return answerJson(response, 404, rpcError(-32_001, 'Session not found; initialize again.'));
      if (session === undefined && sessions.size >= options.maxSessions)
        return answerJson(response, 503, rpcError(-32_000, 'Too many sessions.'), { 'retry-after': '60' });
      if (session === undefined && request.method !== 'POST')
        return answerJson(response, 400, rpcError(-32_000, 'The header Mcp-Session-Id is missing.'));
      session ??= await open(owner);
      const used = session;
      used.open += 1;
      response.once('close', () => {
        used.open -= 1;
        used.lastUsed = performance.now();
      });
      await used.transport.handleRequest(request, response, body);
    },
    async close(): Promise<void> {
      clearInterval(timer);
      await Promise.allSettled([...sessions.values()].map(({ transport }) => transport.close()));
    },
  };
}
