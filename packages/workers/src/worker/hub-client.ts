import { type Failure, FlotillaError } from '@flotilla/core';
import { Fenced } from '@flotilla/jobs';
import { Agent, request } from 'undici';
import { type Answers, type Request, type RequestName, WORKER_PATH } from '../protocol/messages.ts';

export interface HubClientOptions {
  /** Of the hub's HTTP front door; its path does not matter. */
  url: string;
  token: string;
  /** The hub does not know the token, or no more. */
  onRefused?: () => void;
}

export interface AskOptions {
  signal?: AbortSignal;
  /** Default 30,000. */
  timeoutMs?: number;
}

const CONNECT_MS = 10_000;
const TIMEOUT_MS = 30_000;

/** Asks the hub. Throws Fenced, SERVER_UNAVAILABLE when it cannot be reached, and what the hub answers. */
export interface HubClient {
  ask<N extends RequestName>(name: N, body: Request<N>, options?: AskOptions): Promise<Answers[N]>;
  /** The hub's clock, as far as known: UTC epoch milliseconds. */
  now(): number;
  /** Takes note of what the hub's clock showed; `sentAt` by our own. */
  setClock(theirs: number, sentAt: number): void;
  close(): Promise<void>;
}

export function hubClient({ url, token, onRefused }: HubClientOptions): HubClient {
  const base = new URL(WORKER_PATH, url);
  const agent = new Agent({ connect: { timeout: CONNECT_MS }, connections: 64, keepAliveTimeout: 30_000 });
  let offsetMs = 0;
  return {
    async ask<N extends RequestName>(
      name: N,
      body: Request<N>,
      { signal, timeoutMs = TIMEOUT_MS }: AskOptions = {},
    ) {
      const answer = await send(new URL(name, base), {
        dispatcher: agent,
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        ...(signal && { signal }),
      });
      if (answer.status === 200) return answer.body as Answers[N];
      if (answer.status === 401) {
        onRefused?.();
        throw new FlotillaError('DENIED', 'The hub does not accept the token of this worker.', {
          hint: 'It was revoked or never made: flotilla worker token list, on the hub.',
        });
      }
      throw refusal(answer.status, answer.body);
    },
    now: () => Date.now() + offsetMs,
    setClock(theirs, sentAt) {
      offsetMs = Math.round(theirs - (sentAt + Date.now()) / 2);
    },
    close: () => agent.destroy(),
  };
}

async function send(
  url: URL,
  options: Parameters<typeof request>[1],
): Promise<{ status: number; body: unknown }> {
  try {
    const response = await request(url, options);
    const text = await response.body.text();
    return { status: response.statusCode, body: text === '' ? undefined : JSON.parse(text) };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new FlotillaError('SERVER_UNAVAILABLE', 'The hub cannot be reached.', {
      details: { url: url.origin, cause: code ?? (cause instanceof Error ? cause.name : 'unknown') },
      hint: 'Nothing is lost: it is tried again. Check that the hub runs and that FLOTILLA_HUB_URL is right.',
      cause,
    });
  }
}

function refusal(status: number, body: unknown): Error {
  if ((body as { fenced?: unknown } | undefined)?.fenced === true) return new Fenced();
  const failure = body as Partial<Failure> | undefined;
  if (failure?.code === undefined || failure.message === undefined)
    return new FlotillaError('SERVER_UNAVAILABLE', 'The hub cannot be reached.', { details: { status } });
  return new FlotillaError(failure.code, failure.message, {
    details: failure.details ?? {},
    ...(failure.hint !== undefined && { hint: failure.hint }),
  });
}
