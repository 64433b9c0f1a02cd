import { setTimeout as delay } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import type { buildConnector } from 'undici';
import type { Dial } from './dial.ts';
import { ProbeFailure, probeFailure } from './failure.ts';
import { type Certificate, certificateOf, tlsOver } from './tls-stream.ts';

export interface HttpRequest {
  url: URL;
  method: 'GET' | 'POST';
  /** Sent to the origin of `url` alone, never to another one that redirects lead to. */
  credentials: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Default: 200 to 399 after redirects. */
  expectedStatus?: readonly number[] | undefined;
  /** Text within the first 64 KiB of the body. */
  expectedBody?: string | undefined;
}

export interface HttpFinding {
  /** Absent when no answer came. */
  status?: number;
  ms: number;
  redirects: number;
  finalUrl: string;
  bytes: number;
  certificate?: Certificate;
  failure?: ProbeFailure;
}

const BODY_BYTES = 64 * 1024;
const MAX_REDIRECTS = 5;
const REDIRECT = new Set([301, 302, 303, 307, 308]);

/** One check of an HTTP address: what came back, how long it took, and why it counts as down. */
export async function probeHttp(request: HttpRequest, dial: Dial, outer?: AbortSignal): Promise<HttpFinding> {
  const timer = AbortSignal.timeout(request.timeoutMs);
  const signal = outer ? AbortSignal.any([outer, timer]) : timer;
  const began = performance.now();
  const finding: HttpFinding = { ms: 0, redirects: 0, finalUrl: shownUrl(request.url), bytes: 0 };
  try {
    await walk(request, dial, signal, finding);
  } catch (error) {
    outer?.throwIfAborted();
    finding.failure = timer.aborted ? new ProbeFailure('timeout', 'no answer in time') : probeFailure(error);
  }
  finding.ms = Math.round(performance.now() - began);
  return finding;
}

async function walk(
  request: HttpRequest,
  dial: Dial,
  signal: AbortSignal,
  finding: HttpFinding,
): Promise<void> {
  let { url, method } = request;
  for (;;) {
    finding.finalUrl = shownUrl(url);
    const credentials = url.origin === request.url.origin ? request.credentials : {};
    const answer = await one(
      { url, method, credentials, wantsBody: request.expectedBody !== undefined },
      dial,
      signal,
      finding,
    );
    finding.status = answer.status;
    const expected = request.expectedStatus;
    const next =
      REDIRECT.has(answer.status) && !expected?.includes(answer.status)
        ? redirected(url, answer.location)
        : undefined;
    if (!next) return judge(request, answer, finding);
    if (++finding.redirects > MAX_REDIRECTS)
      throw new ProbeFailure('redirects', `more than ${MAX_REDIRECTS} redirects`);
    url = next;
    if (answer.status === 303 || (method === 'POST' && answer.status < 303)) method = 'GET';
  }
}

/** Undefined when it leads to something that is not HTTP. */
function redirected(from: URL, location: string | undefined): URL | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined;
  const url = new URL(location, from);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function judge({ expectedStatus, expectedBody }: HttpRequest, answer: Answer, finding: HttpFinding): void {
  const fits = expectedStatus
    ? expectedStatus.includes(answer.status)
    : answer.status >= 200 && answer.status < 400;
  if (!fits) finding.failure = new ProbeFailure('status', `it answers ${answer.status}`);
  else if (expectedBody !== undefined && !answer.body.includes(expectedBody))
    finding.failure = new ProbeFailure('body', 'the answer does not hold the expected text');
}

interface Answer {
  status: number;
  location?: string | undefined;
  body: string;
}

interface Hop {
  url: URL;
  method: 'GET' | 'POST';
  credentials: Readonly<Record<string, string>>;
  wantsBody: boolean;
}

async function one(hop: Hop, dial: Dial, signal: AbortSignal, finding: HttpFinding): Promise<Answer> {
  const { url } = hop;
  const { default: undici } = await import('undici');
  const client = new undici.Client(url.origin, {
    connect: connector(url, dial, signal, finding),
    pipelining: 1,
  });
  try {
    const { statusCode, headers, body } = await client.request({
      method: hop.method,
      path: `${url.pathname}${url.search}`,
      headers: { 'user-agent': 'flotilla-check', accept: '*/*', ...hop.credentials },
      signal,
    });
    body.on('error', () => undefined);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= BODY_BYTES || !hop.wantsBody) break;
    }
    finding.bytes = bytes;
    const location = headers['location'];
    return {
      status: statusCode,
      location: Array.isArray(location) ? location[0] : location,
      body: Buffer.concat(chunks).toString('utf8', 0, BODY_BYTES),
    };
  } finally {
    // A body that was left is cut off; a peer that does not let go must not hold the check up.
    await Promise.race([client.destroy().catch(() => undefined), delay(500, undefined, { ref: false })]);
  }
}

function connector(
  url: URL,
  dial: Dial,
  signal: AbortSignal,
  finding: HttpFinding,
): buildConnector.connector {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const open = async () => {
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    const stream = await dial({ host, port }, signal);
    if (url.protocol === 'http:') return stream;
    const secure = await tlsOver(stream, { host, verify: true, signal }).catch((error: unknown) => {
      stream.destroy();
      throw error;
    });
    const certificate = certificateOf(secure, Date.now());
    if (certificate) finding.certificate = certificate;
    return secure;
  };
  return (_options, callback) => {
    open().then(
      // A forwarded stream is a Duplex; undici needs no more than that of a socket.
      (stream) => callback(null, stream as TLSSocket),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}

/** Without user, password, query and fragment: what may be shown and stored. */
export const shownUrl = (url: URL): string => `${url.origin}${url.pathname}`.slice(0, 500);
