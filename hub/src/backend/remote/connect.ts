import { setTimeout as delay } from 'node:timers/promises';
import {
  Client,
  type ProgressNotification,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import { ChildTransport } from './child-transport.ts';
import {
  BrokenExchange,
  type Connection,
  ConnectionLost,
  type ConnectOptions,
  MalformedResponse,
  type MountTarget,
  type RequestOptions,
} from './connection.ts';
import { currentExchange, httpClient } from './http-fetch.ts';

/** Accepts any result as it is: forwarding must not drop or refuse fields. */
const IDENTITY = {
  '~standard': { version: 1 as const, vendor: 'flotilla', validate: (value: unknown) => ({ value }) },
};

/** The SDK's timers are not used: calls are limited by their signal. */
const NO_TIMEOUT = 2 ** 31 - 1;

/** A response stream that ended without its response may still be resumed by the SDK for this long. */
const RESUME_MS = 15_000;
const SETTLE_MS = 100;
/** A server that does not take a goodbye is left without one. */
const GOODBYE_MS = 500;

interface Wire {
  transport: Transport;
  closed: Promise<string>;
  /** Why it ended, as far as known. */
  reason: () => string;
  pid: () => number | undefined;
  dispose: () => Promise<void>;
}

/** Opens a connection and shakes hands. Rejects with the SDK's or the system's error; nothing is left behind then. */
export async function connect(target: MountTarget, options: ConnectOptions): Promise<Connection> {
  const wire = target.kind === 'stdio' ? stdioWire(target, options) : httpWire(target, options);
  const client = new Client(
    { name: 'flotilla', version: options.hubVersion },
    {
      capabilities: {},
      versionNegotiation: {
        mode: target.kind === 'http' ? 'auto' : 'legacy',
        probe: { timeoutMs: options.connectMs },
      },
      listChanged: {
        tools: { autoRefresh: false, debounceMs: 50, onChanged: () => options.onToolsChanged() },
      },
    },
  );
  const progress = new Map<string, NonNullable<RequestOptions['onProgress']>>();
  client.setNotificationHandler('notifications/progress', ({ params }: ProgressNotification) => {
    const { progressToken, _meta, ...update } = params;
    progress.get(String(progressToken))?.(update as Parameters<NonNullable<RequestOptions['onProgress']>>[0]);
  });
  client.onerror = options.onTrouble;
  const closed = Promise.race([
    wire.closed,
    new Promise<string>((resolve) => (client.onclose = () => resolve('closed'))),
  ]);
  const close = async (): Promise<void> => {
    await wire.dispose();
    await client.close().catch(() => {});
  };
  const deadline = AbortSignal.any([AbortSignal.timeout(options.connectMs), options.signal]);
  try {
    await Promise.race([
      client.connect(wire.transport, { timeout: options.connectMs, signal: deadline }),
      aborted(deadline, `it did not answer within ${options.connectMs} ms`),
    ]);
  } catch (error) {
    const explained = explain(error, wire);
    await close();
    throw explained;
  }
  let calls = 0;
  let underWay = 0;
  const waiting: (() => void)[] = [];
  const request: Connection['request'] = async (method, params, { signal, onProgress } = {}) => {
    calls += 1;
    const token = `flotilla-${calls}`;
    underWay += 1;
    if (onProgress) progress.set(token, onProgress);
    const meta = { ...(params['_meta'] as object | undefined), ...(onProgress && { progressToken: token }) };
    const sent = { ...params, ...(Object.keys(meta).length > 0 && { _meta: meta }) };
    try {
      return await exchange((onresumptiontoken) =>
        client.request({ method, params: sent }, IDENTITY, {
          timeout: NO_TIMEOUT,
          onresumptiontoken,
          ...(signal && { signal }),
        }),
      );
    } catch (error) {
      throw explain(error, wire);
    } finally {
      progress.delete(token);
      underWay -= 1;
      if (underWay === 0) for (const resolve of waiting.splice(0)) resolve();
    }
  };
  const server = client.getServerVersion();
  const protocol = client.getNegotiatedProtocolVersion();
  const pid = wire.pid();
  return {
    ...(server && { server: { name: String(server.name), version: String(server.version) } }),
    ...(protocol !== undefined && { protocol }),
    ...(pid !== undefined && { pid }),
    offersTools: client.getServerCapabilities()?.tools !== undefined,
    closed,
    request,
    ping: async (signal) => {
      const method = client.getProtocolEra() === 'modern' ? 'server/discover' : 'ping';
      await client
        .request({ method, params: {} }, IDENTITY, { timeout: NO_TIMEOUT, signal })
        .catch((error) => {
          if (!(error instanceof ProtocolError)) throw explain(error, wire);
        });
    },
    idle: () => (underWay === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    close,
  };
}

/**
 * Sends one request and notices when the body of its HTTP response ended without the response, which the SDK does
 * not tell. Over stdio no body ever ends.
 */
function exchange(send: (onresumptiontoken: () => void) => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let resumable = false;
    let timer: NodeJS.Timeout | undefined;
    const bodyEnded = (error?: unknown): void => {
      timer ??= setTimeout(() => reject(new BrokenExchange(error)), resumable ? RESUME_MS : SETTLE_MS);
    };
    const sent = currentExchange.run({ bodyEnded }, () => send(() => (resumable = true)));
    sent.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The SDK only says that the connection closed, the transport knows why; and says at length what it could not parse. */
function explain(error: unknown, wire: Wire): unknown {
  if (error instanceof ProtocolError && error.data instanceof MalformedResponse) return error.data;
  if (error instanceof SyntaxError || (error instanceof Error && error.name === 'ZodError'))
    return new MalformedResponse();
  const closed = error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed;
  return closed ? new ConnectionLost(`it ${wire.reason()}`, { cause: error }) : error;
}

function stdioWire(target: Extract<MountTarget, { kind: 'stdio' }>, options: ConnectOptions): Wire {
  const transport = new ChildTransport({ ...target, ...options });
  const closed = new Promise<string>((resolve) => (transport.onclose = () => resolve(transport.reason)));
  return {
    transport,
    closed,
    reason: () => transport.reason,
    pid: () => transport.pid,
    dispose: () => transport.close(),
  };
}

function httpWire(target: Extract<MountTarget, { kind: 'http' }>, options: ConnectOptions): Wire {
  const http = httpClient(options);
  const transport = new StreamableHTTPClientTransport(new URL(target.url), {
    fetch: http.fetch,
    requestInit: { headers: target.headers },
  });
  return {
    transport,
    closed: new Promise<string>(() => {}),
    reason: () => 'was disconnected',
    pid: () => undefined,
    dispose: async () => {
      if (transport.sessionId !== undefined) {
        await Promise.race([transport.terminateSession().catch(() => {}), delay(GOODBYE_MS)]);
      }
      await transport.close().catch(() => {});
      await http.close();
    },
  };
}

function aborted(signal: AbortSignal, message: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(message)), { once: true });
  });
}
