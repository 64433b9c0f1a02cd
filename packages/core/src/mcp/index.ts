import type { ToolEndpoint } from '../endpoint.ts';
import type { HttpOptions, HttpServing } from './http.ts';
import type { StdioOptions, StdioServing } from './stdio.ts';

export type { HttpToken } from '../http-token.ts';
export type { BoundPage, HttpOptions, HttpRoute, HttpServing } from './http.ts';
export { answerJson, readJson } from './http-guards.ts';
export type { BoundHook } from './http-hook.ts';
export type { StdioOptions, StdioServing } from './stdio.ts';

/** Serves MCP on this process's standard streams, to clients of both protocol eras. */
export async function serveStdio(endpoint: ToolEndpoint, options: StdioOptions): Promise<StdioServing> {
  const { startStdio } = await import('./stdio.ts');
  return startStdio(endpoint, options);
}

/** Serves MCP over Streamable HTTP, to clients of both protocol eras; every request needs a token. */
export async function serveHttp(endpoint: ToolEndpoint, options: HttpOptions): Promise<HttpServing> {
  const { startHttp } = await import('./http.ts');
  return startHttp(endpoint, options);
}
