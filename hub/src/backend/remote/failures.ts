import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client';
import { ConnectionLost, NotSent } from './connection.ts';

/** System error codes of a connection that was never made: the request cannot have had an effect. */
const NEVER_SENT = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

function systemCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string' && !(at instanceof SdkError)) return at.code;
  }
  return undefined;
}

/** True when the server certainly did not act on the request: it was unreachable, or had forgotten the session. */
export function wasNotSent(error: unknown): boolean {
  if (error instanceof NotSent) return true;
  if (error instanceof SdkHttpError) return error.status === 404;
  if (error instanceof SdkError) return error.code === SdkErrorCode.NotConnected;
  if (error instanceof Error && error.message === 'Not connected') return true;
  return NEVER_SENT.includes(systemCode(error) ?? '');
}

/** True when the connection is of no use any more and has to be made again. */
export function isGone(error: unknown): boolean {
  if (wasNotSent(error) || error instanceof ConnectionLost) return true;
  return error instanceof SdkError && error.code === SdkErrorCode.ConnectionClosed;
}

/** True when the server answered, with a result or with an error of its own. */
export const isAnswer = (error: unknown): boolean => error instanceof ProtocolError || isFlotillaError(error);

const WORDS: Record<string, string> = {
  ENOENT: 'its command was not found',
  EACCES: 'its command may not be executed',
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name could not be resolved',
  ECONNRESET: 'it closed the connection',
  UND_ERR_CONNECT_TIMEOUT: 'its address did not answer',
  UND_ERR_SOCKET: 'it closed the connection',
};

/** What went wrong in our own words; the server's words apart, because they are not to be trusted. */
export function describeFailure(error: unknown): { cause: string; remote?: string } {
  if (isFlotillaError(error)) return { cause: error.message };
  if (error instanceof SdkHttpError) {
    const text = error.data['text'];
    const remote = typeof text === 'string' ? text.slice(0, 1_000) : undefined;
    const cause =
      error.status === 401 || error.status === 403
        ? 'it refused our token'
        : 'it answered with an HTTP error';
    return { cause: `${cause} (status ${error.status})`, ...(remote && { remote }) };
  }
  if (error instanceof ProtocolError) {
    return { cause: `it answered with protocol error ${error.code}`, remote: error.message.slice(0, 1_000) };
  }
  const code = systemCode(error);
  const known = code === undefined ? undefined : WORDS[code];
  if (known !== undefined) return { cause: `${known} (${code})` };
  return { cause: error instanceof Error ? error.message.slice(0, 500) : String(error) };
}

/** The failure of a call as clients see it. A protocol error of the server passes unchanged. */
export function callFailure(mount: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return new FlotillaError('CANCELLED', 'The call was cancelled.', { cause: error });
  if (isAnswer(error)) return error;
  const { cause, remote } = describeFailure(error);
  return unavailable(mount, cause, {
    error,
    ...(remote !== undefined && { remote }),
    sent: !wasNotSent(error),
  });
}

export function unavailable(
  mount: string,
  cause: string,
  more: { error?: unknown; remote?: string; sent: boolean },
): FlotillaError {
  const effect = more.sent ? ' Whether the call took effect is not known.' : ' The call did not reach it.';
  return new FlotillaError('SERVER_UNAVAILABLE', `The server ${mount} is not available: ${cause}.${effect}`, {
    details: {
      server: mount,
      cause,
      sent: more.sent,
      ...(more.remote !== undefined && { remote: more.remote }),
    },
    hint: more.sent
      ? 'Look at what it may have done before you call again. system_diagnostics shows the state of every server.'
      : 'It is being reconnected; try again. system_diagnostics shows the state of every server.',
    cause: more.error,
  });
}
