import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { brokenAnswer, engineError } from './engine-error.ts';
import type { StreamAgent } from './stream-agent.ts';

export type QueryValue = string | number | boolean | undefined | Readonly<Record<string, readonly string[]>>;

/** One request to an engine. */
export interface EngineCall {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Absent values are left out; objects are written as JSON (`filters`). */
  query?: Readonly<Record<string, QueryValue>>;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** Default 30,000, until the whole answer is there; for streams until it begins. TIMEOUT. */
  timeoutMs?: number;
  /** Default 32 MiB; a longer answer is an error. */
  maxBytes?: number;
  signal?: AbortSignal | undefined;
}

export interface EngineAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

interface Started {
  request: ClientRequest;
  /** Settles with the head of the answer or the taken-over connection. */
  head: Promise<IncomingMessage | { response: IncomingMessage; stream: Duplex; first: Buffer }>;
  /** Stops the clock of the request. */
  settle(): void;
  /** Aborted by the caller or by the clock, the reason being the error. */
  ended: AbortSignal;
}

function start(agent: StreamAgent, alias: string, path: string, call: EngineCall): Started {
  const body = call.body === undefined ? undefined : JSON.stringify(call.body);
  const request = httpRequest({
    agent,
    host: 'engine',
    path: `${path}${queryText(call.query)}`,
    method: call.method ?? 'GET',
    headers: {
      ...(body !== undefined && {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      }),
      ...call.headers,
    },
    ...(call.signal && { signal: call.signal }),
  });
  const limitMs = call.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(timedOut(alias, limitMs));
    request.destroy();
  }, limitMs);
  const settle = (): void => clearTimeout(timer);
  const ended = call.signal ? AbortSignal.any([call.signal, late.signal]) : late.signal;
  const head = new Promise<Awaited<Started['head']>>((resolve, reject) => {
    request.once('response', resolve);
    request.once('upgrade', (response, stream, first) => resolve({ response, stream, first }));
    request.on('error', (error) => {
      settle();
      reject(asFailure(alias, error, ended));
    });
  });
  request.end(body);
  return { request, head, settle, ended };
}

/** The whole answer, also of 400 and above. A GET over a connection that had died while idle is sent again, once. */
export async function exchange(
  agent: StreamAgent,
  alias: string,
  path: string,
  call: EngineCall,
): Promise<EngineAnswer> {
  const { request, head, settle, ended } = start(agent, alias, path, call);
  try {
    const response = await head;
    if ('stream' in response) throw brokenAnswer(alias, new Error('unexpected upgrade'));
    const body = await readBody(response, alias, call.maxBytes ?? DEFAULT_MAX_BYTES, ended);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  } catch (error) {
    const reads = call.method === undefined || call.method === 'GET' || call.method === 'HEAD';
    if (reads && request.reusedSocket && isReset(error) && !call.signal?.aborted)
      return await exchange(agent, alias, path, call);
    throw error;
  } finally {
    settle();
  }
}

/** The answer as a stream, once it has begun with a good status. Destroy it when done. */
export async function openBody(
  agent: StreamAgent,
  alias: string,
  path: string,
  call: EngineCall,
): Promise<IncomingMessage> {
  const { head, settle } = start(agent, alias, path, call);
  try {
    const response = await head;
    if ('stream' in response) throw brokenAnswer(alias, new Error('unexpected upgrade'));
    await refuseBad(response, alias);
    return response;
  } finally {
    settle();
  }
}

/** Takes the connection over for raw bytes both ways (exec, attach); `first` are bytes that came with the head. */
export async function takeOver(
  agent: StreamAgent,
  alias: string,
  path: string,
  call: EngineCall,
): Promise<{ stream: Duplex; first: Buffer }> {
  const headers = { ...call.headers, Connection: 'Upgrade', Upgrade: 'tcp' };
  const { head, settle } = start(agent, alias, path, { ...call, headers });
  try {
    const answer = await head;
    if ('stream' in answer) return { stream: answer.stream, first: answer.first };
    await refuseBad(answer, alias);
    answer.destroy();
    throw new FlotillaError('UNSUPPORTED', `The engine of ${alias} does not hand over its connection.`, {
      details: { alias, status: answer.statusCode },
    });
  } finally {
    settle();
  }
}

async function refuseBad(response: IncomingMessage, alias: string): Promise<void> {
  const status = response.statusCode ?? 0;
  if (status < 400) return;
  const body = await readBody(response, alias, MAX_ERROR_BYTES).catch(() => Buffer.alloc(0));
  throw engineError(alias, status, body.toString('utf8'));
}

async function readBody(
  response: IncomingMessage,
  alias: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes > maxBytes) throw tooLong(alias, maxBytes);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    response.destroy();
    throw asFailure(alias, error, signal);
  }
  return Buffer.concat(chunks);
}

export function queryText(query: EngineCall['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return [`${encodeURIComponent(name)}=${encodeURIComponent(text)}`];
  });
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

const isReset = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && ['ECONNRESET', 'EPIPE'].includes(String(cause.code));
};

const timedOut = (alias: string, limitMs: number): FlotillaError =>
  new FlotillaError('TIMEOUT', `The engine of ${alias} did not answer within ${limitMs / 1000} s.`, {
    details: { alias, limitMs },
  });

const tooLong = (alias: string, maxBytes: number): FlotillaError =>
  new FlotillaError('SERVER_UNAVAILABLE', `The engine of ${alias} answered more than ${maxBytes} bytes.`, {
    details: { alias, maxBytes },
    hint: 'Ask for less of it: fewer lines, a narrower filter.',
  });

function asFailure(alias: string, error: unknown, signal?: AbortSignal): FlotillaError {
  if (signal?.aborted) {
    if (isFlotillaError(signal.reason)) return signal.reason;
    return new FlotillaError('CANCELLED', 'The call was cancelled.', { cause: error });
  }
  if (isFlotillaError(error)) return error;
  return brokenAnswer(alias, error);
}
