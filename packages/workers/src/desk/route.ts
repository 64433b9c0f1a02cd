import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ErrorCode, FlotillaError, failureOf, type Logger, toFlotillaError } from '@flotilla/core';
import { answerJson, type HttpRoute, readJson } from '@flotilla/core/mcp';
import { Fenced } from '@flotilla/jobs';
import { REQUESTS, type RequestName, WORKER_PATH } from '../protocol/messages.ts';
import type { Desk } from './desk.ts';
import type { WorkerGrant, WorkerTokens } from './tokens.ts';

const MAX_BODY_BYTES = 128 * 1024 * 1024;

const STATUS: Partial<Record<ErrorCode, number>> = {
  INVALID_INPUT: 400,
  DENIED: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  STORAGE_FULL: 507,
};

/** The desk behind the HTTP front door. */
export function workerRoute(options: {
  desk: Desk;
  tokens: Pick<WorkerTokens, 'find'>;
  log: Logger;
  /** Long requests end with it. */
  closing: AbortSignal;
}): HttpRoute {
  const { desk, tokens, log, closing } = options;
  return {
    prefix: WORKER_PATH,
    async handle(request, response) {
      const grant = grantOf(request, tokens);
      if (!grant)
        return answerJson(
          response,
          401,
          {
            error: 'invalid_token',
            hint: 'Workers have tokens of their own: flotilla worker token add NAME.',
          },
          { 'www-authenticate': 'Bearer realm="flotilla-worker"' },
        );
      const name = (request.url ?? '').split('?')[0]?.slice(WORKER_PATH.length) ?? '';
      if (request.method !== 'POST' || !Object.hasOwn(REQUESTS, name))
        return answerJson(response, 404, { error: 'not_found' });
      const read = await readJson(request, response, MAX_BODY_BYTES);
      if (read === undefined) return;
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      const signal = AbortSignal.any([closing, gone.signal]);
      await respond(desk, name as RequestName, read.body, { grant, signal, log }, response);
    },
  };
}

interface Asking {
  grant: WorkerGrant;
  signal: AbortSignal;
  log: Logger;
}

async function respond<N extends RequestName>(
  desk: Desk,
  name: N,
  body: unknown,
  { grant, signal, log }: Asking,
  response: ServerResponse,
): Promise<void> {
  try {
    const parsed = REQUESTS[name].safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new FlotillaError('INVALID_INPUT', `${name}: ${issue?.path.join('.')}: ${issue?.message}`);
    }
    answerJson(response, 200, await desk[name](parsed.data as never, grant, signal));
  } catch (error) {
    if (error instanceof Fenced) return answerJson(response, 409, { fenced: true });
    const known = toFlotillaError(error, log, `worker ${name}`);
    const told = STATUS[known.code] === undefined ? notNow(known) : known;
    answerJson(response, STATUS[told.code] ?? 503, failureOf(told));
  }
}

/** The worker tries again: its runs must not end because the hub has trouble of its own, or is stopping. */
const notNow = ({ code }: FlotillaError): FlotillaError =>
  new FlotillaError('SERVER_UNAVAILABLE', 'The hub cannot take this now.', { details: { cause: code } });

function grantOf(request: IncomingMessage, tokens: Pick<WorkerTokens, 'find'>): WorkerGrant | undefined {
  const given = /^Bearer +(\S{16,400})$/i.exec(request.headers.authorization ?? '')?.[1];
  return given === undefined ? undefined : tokens.find(given);
}
