import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import {
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { ToolEndpoint } from '../endpoint.ts';
import { isFlotillaError } from '../errors.ts';
import { HUB_CALL_META, verifyHubCall } from '../hub-call.ts';
import type { Logger } from '../logging.ts';
import type { Progress } from '../ports/steps.ts';
import type { Principal } from '../principal.ts';
import type { ToolAnswer } from '../tool/answer.ts';
import { failureOf } from '../tool/failure-answer.ts';

export interface SessionOptions {
  log: Logger;
  /** Secret shared with the hub that started this process; calls that it signed skip admission. */
  hubSecret?: string;
}

/**
 * Clients dispatch notifications a microtask later than results: a progress notification that
 * arrives in the same chunk as its result is lost, and some clients then drop the connection.
 */
const PROGRESS_GAP_MS = 2;

const CLIENT_INFO = 'io.modelcontextprotocol/clientInfo';
/** Answers list every tool; a client may keep them until it is told that they changed. */
const LIST_CACHE = { ttlMs: 10_000, cacheScope: 'private' };

type Meta = Record<string, unknown>;

function clientOf(server: Server, context: ServerContext): Principal['client'] {
  const given = (context.mcpReq.envelope as Meta | undefined)?.[CLIENT_INFO] ?? server.getClientVersion();
  const { name, version } = (given ?? {}) as { name?: unknown; version?: unknown };
  if (typeof name !== 'string') return undefined;
  return { name: name.slice(0, 100), version: typeof version === 'string' ? version.slice(0, 50) : '' };
}

function endToEnd(meta: Meta): Meta | undefined {
  const kept = Object.entries(meta).filter(
    ([key]) =>
      !key.startsWith('io.modelcontextprotocol/') && key !== 'progressToken' && key !== HUB_CALL_META,
  );
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** Sends progress of one request, and knows how long a result has to stay behind it. */
function progressOf(context: ServerContext, log: Logger) {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return { send: undefined, gap: async () => {} };
  let lastAt = Number.NEGATIVE_INFINITY;
  let sending: Promise<unknown> = Promise.resolve();
  const send = (update: Progress) => {
    lastAt = performance.now();
    const params = { progressToken, ...update };
    sending = context.mcpReq
      .notify({ method: 'notifications/progress', params })
      .catch((error: unknown) => log.debug({ err: error }, 'progress could not be sent'));
  };
  const gap = async () => {
    await sending;
    if (performance.now() - lastAt < 2 * PROGRESS_GAP_MS) await delay(PROGRESS_GAP_MS);
    if (lastAt > Number.NEGATIVE_INFINITY) await nextTurn();
  };
  return { send, gap };
}

const toResult = ({ extra, ...answer }: ToolAnswer): Result => ({ ...extra, ...answer }) as Result;

/** One MCP session over an endpoint. Nothing of a tool or an answer is parsed, so unknown fields pass. */
export function createSession(endpoint: ToolEndpoint, base: Principal, options: SessionOptions): Server {
  const { info } = endpoint;
  const { log } = options;
  const server = new Server(
    { name: info.name, version: info.version, title: info.title },
    { capabilities: { tools: { listChanged: true } }, instructions: info.instructions },
  );
  const principalOf = (context: ServerContext): Principal => {
    const client = clientOf(server, context);
    return client === undefined ? base : { ...base, client };
  };

  const callTool = async (params: Meta, context: ServerContext): Promise<Result> => {
    const { name, arguments: args } = params;
    if (typeof name !== 'string') throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'name: a string');
    const requestMeta: Meta = context.mcpReq._meta ?? {};
    const hub = options.hubSecret && verifyHubCall(requestMeta[HUB_CALL_META], options.hubSecret);
    const meta = endToEnd(requestMeta);
    const progress = progressOf(context, log);
    const answer = await endpoint.callTool({
      name,
      args,
      principal: principalOf(context),
      signal: context.mcpReq.signal,
      ...(progress.send && { onProgress: progress.send }),
      ...(meta && { meta }),
      ...(hub && { hub }),
    });
    await progress.gap();
    return toResult(answer);
  };

  server.fallbackRequestHandler = async (request: JSONRPCRequest, context: ServerContext) => {
    try {
      if (request.method === 'tools/list')
        return { tools: endpoint.listTools(principalOf(context)), ...LIST_CACHE } as Result;
      if (request.method === 'tools/call') return await callTool((request.params ?? {}) as Meta, context);
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (isFlotillaError(error))
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message, failureOf(error));
      log.error({ err: error, method: request.method }, 'a request failed unexpectedly');
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error');
    }
    throw new ProtocolError(ProtocolErrorCode.MethodNotFound, 'Method not found');
  };
  server.onerror = (error) => log.debug({ err: error }, 'MCP session');
  return server;
}

/** Tells the client of a long-lived session when the tool list changed, until the session closes. */
export function announceChanges(endpoint: ToolEndpoint, server: Server, log: Logger): void {
  const unsubscribe = endpoint.onToolsChanged(() => {
    server
      .sendToolListChanged()
      .catch((error: unknown) => log.debug({ err: error }, 'a client could not be told of changed tools'));
  });
  const { onclose } = server;
  server.onclose = () => {
    unsubscribe();
    onclose?.();
  };
}
