import { type ErrorCode, FlotillaError, visibleControls } from '@flotilla/core';

const MAX_REMOTE = 2_000;

const CODES: Record<number, [code: ErrorCode, says: string, hint: string] | undefined> = {
  400: ['INVALID_INPUT', 'refused the request', 'Correct the argument; the engine says what is wrong.'],
  401: ['DENIED', 'wants a login', 'Log in on the host: docker login REGISTRY.'],
  403: ['DENIED', 'does not allow this', 'The engine says why.'],
  404: ['NOT_FOUND', 'does not have it', 'Look again: docker_list, image_list, network_list, volume_list.'],
  409: ['CONFLICT', 'cannot do it in the present state', 'The engine says what is in the way.'],
  501: ['UNSUPPORTED', 'does not know this', 'This engine is too old, or Podman does it another way.'],
  503: ['SERVER_UNAVAILABLE', 'cannot do it now', 'Try again later; the engine says why.'],
};

/** The engine's words: `{"message": …}` of Docker, `{"cause", "message"}` of Podman, or the body as it is. */
export function engineWords(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message);
  } catch {
    // Not JSON: shown as it is.
  }
  return body;
}

/** An answer of 400 and above as an error of the table. */
export function engineError(alias: string, status: number, body: string): FlotillaError {
  const remote = visibleControls(engineWords(body).slice(0, MAX_REMOTE)).trim();
  const [code, says, hint] = CODES[status] ?? [
    /already (?:allocated|in use)|in use by/i.test(remote) ? 'CONFLICT' : 'SERVER_UNAVAILABLE',
    'could not do it',
    'The engine says why; its own log has more: journalctl -u docker.',
  ];
  return new FlotillaError(code as ErrorCode, `The engine of ${alias} ${says}.`, {
    details: { alias, status, remote },
    hint,
  });
}

/** A request that broke off, or an answer that makes no sense. */
export function brokenAnswer(alias: string, cause: unknown): FlotillaError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new FlotillaError('SERVER_UNAVAILABLE', `The engine of ${alias} gave no usable answer.`, {
    details: { alias, remote: visibleControls(text.slice(0, MAX_REMOTE)) },
    hint: 'Is it running? systemctl status docker, or podman.socket.',
    cause,
  });
}
