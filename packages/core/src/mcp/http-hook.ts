import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorCode, isFlotillaError } from '../errors.ts';
import type { HookAnswer, HookRequest } from '../tool/service.ts';
import { answerJson, readBody } from './http-guards.ts';

/** A path that checks by itself who calls, e.g. `/hooks/`. */
export interface BoundHook {
  path: string;
  hook(request: HookRequest): Promise<HookAnswer>;
  maxBodyBytes?: number | undefined;
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_INPUT: 400,
  DENIED: 401,
  NOT_FOUND: 404,
  CONFLICT: 409,
  QUEUE_FULL: 429,
  RATE_LIMITED: 429,
};
const BODY_BYTES = 1024 * 1024;

/** Passes a request on without a word about who may call; a failure says its code and message, never details. */
export async function answerHook(
  { path, hook, maxBodyBytes = BODY_BYTES }: BoundHook,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST')
    return answerJson(response, 405, { error: 'method_not_allowed' }, { allow: 'POST' });
  const body = await readBody(request, response, maxBodyBytes);
  if (body === undefined) return;
  const rest = (request.url ?? '').split('?')[0]?.slice(path.length) ?? '';
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
  try {
    const { status = 200, type, body: text } = await hook({ rest, headers, body });
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    const { code, message } = error;
    answerJson(response, STATUS[code] ?? 503, { error: true, code, message });
  }
}
