import { FlotillaError, type HostRecord, isFlotillaError } from '@flotilla/core';
import { type ConnectionCause, connectionFailed } from '../connect/failures.ts';

/** Reason codes of a refused channel (RFC 4254 section 5.1). */
const PROHIBITED = 1;

/** What sshd's wording of a failed connect means. */
const CAUSES: [RegExp, ConnectionCause][] = [
  [/refused/i, 'refused'],
  [/timed? ?out/i, 'timeout'],
  [/no route|unreachable/i, 'unreachable'],
  [/unknown host|name or service|resolve/i, 'dns'],
];

/** The error of a forward that the server did not open; `to` names its far end. */
export function forwardFailure(record: HostRecord, to: string, error: unknown): FlotillaError {
  if (isFlotillaError(error)) return error;
  const { alias, host, port } = record;
  const remote = error instanceof Error ? error.message.slice(0, 500) : String(error);
  if (error instanceof Error && 'reason' in error && error.reason === PROHIBITED)
    return new FlotillaError('UNSUPPORTED', `The sshd of ${alias} does not allow a forward to ${to}.`, {
      details: { alias, host, port, to, remote },
      hint: 'Its sshd_config forbids it: AllowTcpForwarding, AllowStreamLocalForwarding, PermitOpen or DisableForwarding.',
    });
  const [, cause] = CAUSES.find(([words]) => words.test(remote)) ?? [undefined, 'refused' as const];
  const reached = connectionFailed(record, cause, error as Error, { to });
  return new FlotillaError('CONNECTION_FAILED', `${alias} cannot reach ${to} (${cause}).`, {
    details: reached.details,
    hint: `${alias} itself is up; what it should forward to is not: check that ${to} listens and is reachable from there.`,
    cause: error,
  });
}
