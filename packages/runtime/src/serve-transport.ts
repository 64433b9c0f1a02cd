import type { ToolEndpoint } from '@flotilla/core';
import { type BoundHook, type BoundPage, type HttpRoute, serveHttp, serveStdio } from '@flotilla/core/mcp';
import { httpToken } from './http-token.ts';
import type { ProcessBase } from './open-process.ts';
import { untilStopped } from './until-stopped.ts';

export interface TransportChoice {
  transport: 'stdio' | 'http';
  host?: string;
  port?: number;
}

/** Serves an endpoint until the client hangs up or a signal arrives. `onReady` gets the URL and token of HTTP. */
export async function serveTransport(
  endpoint: ToolEndpoint,
  choice: TransportChoice,
  base: ProcessBase,
  onReady: (http: { url: string; token: string }) => void = () => {},
  more: {
    pages?: readonly BoundPage[];
    hooks?: readonly BoundHook[];
    route?: (closing: AbortSignal) => HttpRoute;
  } = {},
): Promise<void> {
  const { config, identity, log } = base;
  const child = identity.hubSecret ? { hubSecret: identity.hubSecret } : {};
  if (choice.transport === 'stdio') {
    const served = await serveStdio(endpoint, { log, uid: identity.uid, ...child });
    await untilStopped(served.closed);
    await served.close();
    return;
  }
  const closing = new AbortController();
  const token = config.http.token ?? (await httpToken(config.dataDir));
  const served = await serveHttp(endpoint, {
    host: choice.host ?? config.http.host,
    port: choice.port ?? config.http.port,
    tokens: [{ name: 'default', token }, ...config.http.tokens],
    allowedHosts: config.http.allowedHosts,
    allowedOrigins: config.http.allowedOrigins,
    maxBodyBytes: config.limits.maxBodyBytes,
    log,
    pages: more.pages ?? [],
    hooks: more.hooks ?? [],
    routes: more.route ? [more.route(closing.signal)] : [],
    ...child,
  });
  onReady({ url: served.url, token });
  await untilStopped();
  closing.abort();
  await served.close();
}
