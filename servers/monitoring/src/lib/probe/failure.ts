import { isFlotillaError } from '@flotilla/core';

export type ProbeCause =
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'dns'
  | 'closed'
  | 'tls'
  | 'protocol'
  | 'status'
  | 'body'
  | 'redirects'
  | 'forbidden'
  | 'mismatch'
  | 'command';

/** The target is not well, and why; `reason` holds words of ours only. */
export class ProbeFailure extends Error {
  readonly reason: ProbeCause;
  constructor(reason: ProbeCause, message: string) {
    super(message);
    this.name = 'ProbeFailure';
    this.reason = reason;
  }
}

const CODES: readonly (readonly [RegExp, ProbeCause, string])[] = [
  [/^ECONNREFUSED$/, 'refused', 'nothing listens there'],
  [/^(?:ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT|ABORT_ERR)$/, 'timeout', 'no answer in time'],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, 'unreachable', 'no route to it'],
  [/^(?:ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL|EREFUSED)$/, 'dns', 'the name does not resolve'],
  [/^CERT_HAS_EXPIRED$/, 'tls', 'the certificate has expired'],
  [/^CERT_NOT_YET_VALID$/, 'tls', 'the certificate is not valid yet'],
  [/^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)$/, 'tls', 'the certificate is self-signed'],
  [
    /^UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(?:_LOCALLY)?)$/,
    'tls',
    'the certificate chain is incomplete or of an unknown authority',
  ],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, 'tls', 'the certificate is for another name'],
  [/^(?:CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|EPROTO)$/, 'tls', 'the TLS handshake failed'],
  [/^(?:HPE_\w+|UND_ERR_(?:HEADERS_OVERFLOW|RES\w+))$/, 'protocol', 'the answer is not valid HTTP'],
  [/^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE)$/, 'closed', 'the connection was closed'],
];

/** What an error of node, undici or a forward says about the target; rethrown when it is about something else. */
export function probeFailure(error: unknown): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  if (isFlotillaError(error) && error.code === 'CONNECTION_FAILED' && error.details['to'] !== undefined) {
    const cause = String(error.details['cause']);
    const [, reason, words] = CODES.find(([, known]) => known === cause) ?? [];
    return new ProbeFailure(reason ?? 'refused', words ?? 'it cannot be reached from there');
  }
  if (isFlotillaError(error)) throw error;
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const inner = at instanceof AggregateError ? at.errors[0] : at;
    const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
    const known = CODES.find(([pattern]) => pattern.test(code));
    if (known) return new ProbeFailure(known[1], known[2]);
    if (at.name === 'HTTPParserError') return new ProbeFailure('protocol', 'the answer is not valid HTTP');
    if (at.name === 'TimeoutError') return new ProbeFailure('timeout', 'no answer in time');
  }
  return new ProbeFailure('closed', 'the connection failed');
}
