import { once } from 'node:events';
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  hostHeaderValidation,
  originValidation,
  toNodeHandler,
  toWebRequest,
} from '@modelcontextprotocol/node';
import { type AuthInfo, createMcpHandler, isLegacyRequest } from '@modelcontextprotocol/server';
import type { ToolEndpoint } from '../endpoint.ts';
import { isFlotillaError } from '../errors.ts';
import type { HttpToken } from '../http-token.ts';
import type { Principal } from '../principal.ts';
import { failureOf } from '../tool/failure-answer.ts';
import type { PageAnswer } from '../tool/service.ts';
import { answerJson, answerUnauthorized, createTokenCheck, readJson, rpcError } from './http-guards.ts';
import { answerHook, type BoundHook } from './http-hook.ts';
import { createSessions } from './http-sessions.ts';
import { announceChanges, createSession, type SessionOptions } from './session.ts';

export interface HttpOptions extends SessionOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** 0 picks a free one. */
  port: number;
  tokens: readonly HttpToken[];
  /** Host names, without port, that requests may be addressed to, beside this machine's loopback names and `host`. */
  allowedHosts?: readonly string[];
  /** Host names of web pages that may call, beside loopback ones. */
  allowedOrigins?: readonly string[];
  /** Default 16 MiB. */
  maxBodyBytes?: number;
  /** Default 30 minutes without a request or an open stream. */
  sessionIdleMs?: number;
  /** Default 1,000. */
  maxSessions?: number;
  /** Further pages, behind the same tokens. */
  pages?: readonly BoundPage[];
  /** Paths that check by themselves who calls, behind the same check of Host and Origin. */
  hooks?: readonly BoundHook[];
  /** Whole parts of the path space with an authorisation of their own, behind the same check of Host and Origin. */
  routes?: readonly HttpRoute[];
}

/** Everything under a prefix, e.g. `/worker/v1/`. */
export interface HttpRoute {
  prefix: string;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** A page beside MCP, e.g. `/metrics`. */
export interface BoundPage {
  path: string;
  /** GET. */
  render?: (() => Promise<PageAnswer>) | undefined;
  /** POST of JSON. */
  receive?: ((body: unknown) => Promise<PageAnswer>) | undefined;
  /** Default 1 MiB. */
  maxBodyBytes?: number | undefined;
}

export interface HttpServing {
  /** With path, e.g. `http://127.0.0.1:7700/mcp`. */
  url: string;
  port: number;
  close(): Promise<void>;
}

const PATH = '/mcp';
const PAGE_BODY_BYTES = 1024 * 1024;
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
/** Requests and notifications that the 2026-07-28 side serves; anything else is 404 there. */
const MODERN_METHODS = /^(server\/discover|tools\/(list|call)|subscriptions\/listen|notifications\/.+)$/;

const principalOf = (name: string): Principal => ({ id: `token:${name}`, kind: 'token' });
const bracketed = (host: string) => (host.includes(':') ? `[${host}]` : host);

/** Requests of a server have a method and a URL; Node's type is shared with responses of a client. */
type ServerRequest = IncomingMessage & { method: string; url: string; auth?: AuthInfo };

/** Routes an authorised request to the session of an older client or to the stateless handler. */
function createRoutes(endpoint: ToolEndpoint, options: HttpOptions) {
  const { log } = options;
  const maxBodyBytes = options.maxBodyBytes ?? 16 * 1024 * 1024;
  const onerror = (error: Error) => log.debug({ err: error }, 'HTTP');
  const sessions = createSessions({
    idleMs: options.sessionIdleMs ?? 30 * 60_000,
    maxSessions: options.maxSessions ?? 1_000,
    createServer: (owner) => {
      const server = createSession(endpoint, principalOf(owner), options);
      announceChanges(endpoint, server, log);
      return server;
    },
  });
  const handler = createMcpHandler(
    ({ authInfo }) => createSession(endpoint, principalOf(authInfo?.clientId ?? ''), options),
    { legacy: 'reject', onerror, maxRequestBodySize: maxBodyBytes },
  );
  const modern = toNodeHandler(handler, { onerror, maxRequestBodySize: maxBodyBytes });
  const unsubscribe = endpoint.onToolsChanged(() => handler.notify.toolsChanged());

  return {
    async handle(request: ServerRequest, response: ServerResponse, owner: string): Promise<void> {
      if (request.method === 'GET' || request.method === 'DELETE')
        return sessions.handle(request, response, owner);
      if (request.method !== 'POST')
        return answerJson(response, 405, rpcError(-32_000, 'Method not allowed.'), {
          allow: 'GET, POST, DELETE',
        });
      const read = await readJson(request, response, maxBodyBytes);
      if (read === undefined) return;
      const { body } = read;
      if (await isLegacyRequest(await toWebRequest(request, body), body))
        return sessions.handle(request, response, owner, body);
      const { method, id } = (body ?? {}) as { method?: unknown; id?: unknown };
      if (typeof method === 'string' && !MODERN_METHODS.test(method))
        return answerJson(response, 404, rpcError(-32_601, 'Method not found', id));
      request.auth = { token: '', clientId: owner, scopes: [] };
      await modern(request, response, body);
    },
    async close() {
      unsubscribe();
      await Promise.allSettled([sessions.close(), handler.close()]);
    },
  };
}

async function answerPage(page: BoundPage, request: ServerRequest, response: ServerResponse): Promise<void> {
  const answer = (found: PageAnswer) =>
    response.writeHead(200, { 'content-type': found.type, 'cache-control': 'no-store' }).end(found.body);
  if (request.method === 'GET' && page.render) {
    answer(await page.render());
    return;
  }
  if (request.method === 'POST' && page.receive) {
    const read = await readJson(request, response, page.maxBodyBytes ?? PAGE_BODY_BYTES);
    if (read === undefined) return;
    try {
      answer(await page.receive(read.body));
    } catch (error) {
      if (!isFlotillaError(error) || error.code !== 'INVALID_INPUT') throw error;
      answerJson(response, 400, failureOf(error));
    }
    return;
  }
  const allow = [page.render && 'GET', page.receive && 'POST'].filter(Boolean).join(', ');
  answerJson(response, 405, { error: 'method_not_allowed' }, { allow });
}

async function listen(server: HttpServer, port: number, host: string): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

export async function startHttp(endpoint: ToolEndpoint, options: HttpOptions): Promise<HttpServing> {
  const host = options.host ?? '127.0.0.1';
  const routes = createRoutes(endpoint, options);
  const tokenName = createTokenCheck(options.tokens);
  const hostAllowed = hostHeaderValidation([...LOOPBACK, bracketed(host), ...(options.allowedHosts ?? [])]);
  const originAllowed = originValidation([...LOOPBACK, ...(options.allowedOrigins ?? [])]);

  const respond = async (request: ServerRequest, response: ServerResponse): Promise<void> => {
    if (!hostAllowed(request, response) || !originAllowed(request, response)) return;
    const path = request.url.split('?')[0];
    if (path === '/healthz' && request.method === 'GET') return answerJson(response, 200, { ok: true });
    const route = options.routes?.find(({ prefix }) => path?.startsWith(prefix));
    if (route) return route.handle(request, response);
    const hook = options.hooks?.find((one) => path?.startsWith(one.path));
    if (hook) return answerHook(hook, request, response);
    const page = options.pages?.find((one) => one.path === path);
    if (path !== PATH && !page)
      return answerJson(response, 404, { error: 'not_found', hint: `MCP is at ${PATH}.` });
    const owner = tokenName(request);
    if (owner === undefined) return answerUnauthorized(request, response);
    if (page) return answerPage(page, request, response);
    await routes.handle(request, response, owner);
  };

  const server = createServer((request, response) => {
    respond(request as ServerRequest, response).catch((error: unknown) => {
      options.log.error({ err: error }, 'an HTTP request failed unexpectedly');
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, rpcError(-32_603, 'Internal error'));
    });
  });
  // Longer than clients keep an idle connection: who closes first cannot hit the other's next request.
  server.keepAliveTimeout = 75_000;
  const port = await listen(server, options.port, host);
  return {
    url: `http://${bracketed(host)}:${port}${PATH}`,
    port,
    async close() {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await routes.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
