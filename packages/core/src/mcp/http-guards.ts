import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { FlotillaError } from '../errors.ts';
import type { HttpToken } from '../http-token.ts';

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Finds the name of a bearer token; the time it takes tells nothing about the tokens. */
export function createTokenCheck(
  tokens: readonly HttpToken[],
): (request: IncomingMessage) => string | undefined {
  for (const { name, token } of tokens)
    if (token.length < 16 || token.startsWith('${'))
      throw new FlotillaError('INVALID_INPUT', `The HTTP token ${name} is too short, or was not resolved.`);
  const known = tokens.map(({ name, token }) => ({ name, hash: digest(token) }));
  return (request) => {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined) return undefined;
    const hash = digest(given);
    let found: string | undefined;
    for (const token of known) if (timingSafeEqual(token.hash, hash)) found = token.name;
    return found;
  };
}

export function answerUnauthorized(request: IncomingMessage, response: ServerResponse): void {
  const given = request.headers.authorization !== undefined;
  answerJson(
    response,
    401,
    {
      error: given ? 'invalid_token' : 'missing_token',
      error_description: given
        ? 'This bearer token is not one of this server.'
        : 'This server needs a bearer token, also on this machine.',
      hint: 'Send the header "Authorization: Bearer TOKEN". `flotilla config print` prints a client configuration with the token in it.',
    },
    { 'www-authenticate': `Bearer realm="flotilla"${given ? ', error="invalid_token"' : ''}` },
  );
}

/** The request's body as JSON. Answers 413 or 400 itself and resolves undefined then. */
export async function readJson(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<{ body: unknown } | undefined> {
  const body = await readBody(request, response, maxBytes);
  if (body === undefined) return undefined;
  try {
    return { body: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    answerJson(response, 400, rpcError(-32_700, 'Parse error: the body is not JSON.'));
    return undefined;
  }
}

/** The request's body. Answers 413 itself and resolves undefined then. */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const tooLarge = () =>
    answerJson(response, 413, rpcError(-32_000, `The request body is larger than ${maxBytes} bytes.`), {
      connection: 'close',
    });
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    tooLarge();
    return undefined;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      tooLarge();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function rpcError(code: number, message: string, id: unknown = null) {
  const usable = typeof id === 'string' || typeof id === 'number' ? id : null;
  return { jsonrpc: '2.0', id: usable, error: { code, message } };
}
