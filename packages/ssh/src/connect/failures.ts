import { FlotillaError } from '@flotilla/core';

/** Why a host could not be reached, as `details.cause` of CONNECTION_FAILED. */
export type ConnectionCause =
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'dns'
  | 'closed'
  | 'handshake'
  | 'channel_refused';

interface Target {
  alias: string;
  host: string;
  port: number;
}

const WORDS: Record<ConnectionCause, [what: string, hint: string]> = {
  refused: [
    'nothing listens there',
    'Check that sshd runs and that the port is right; a firewall may also reject it.',
  ],
  timeout: [
    'no answer in time',
    'The host is down, a firewall drops the packets, or the address is wrong. Try again, then check from its console.',
  ],
  unreachable: ['no route to it', 'Check the network or VPN of this machine and the address of the host.'],
  dns: ['its name does not resolve', 'Check the spelling of the host name and the DNS of this machine.'],
  closed: [
    'the connection was closed',
    'If it happens again: sshd limits new connections (MaxStartups), or fail2ban or hosts.deny blocks this machine.',
  ],
  handshake: [
    'the SSH handshake failed',
    'What answers there may not be an SSH server, or has no algorithm in common with this client: see details.',
  ],
  channel_refused: [
    'the server opens no further channel',
    'sshd limits the sessions of one connection (MaxSessions) or forbids this kind of channel: see details.',
  ],
};

const CODES: Record<string, ConnectionCause> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EINVAL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
};

/** Cause of an error of node:net or node:dns. */
export function causeOfSocketError(error: Error): ConnectionCause {
  return CODES[codeOf(error)] ?? 'closed';
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** CONNECTION_FAILED for a host; the error's own text goes to the details, since a remote end may have worded it. */
export function connectionFailed(
  target: Target,
  cause: ConnectionCause,
  error?: Error,
  more: Record<string, unknown> = {},
): FlotillaError {
  const [what, hint] = WORDS[cause];
  const remote = error?.message.slice(0, 500);
  return new FlotillaError('CONNECTION_FAILED', `Cannot reach ${target.alias}: ${what}.`, {
    details: {
      alias: target.alias,
      host: target.host,
      port: target.port,
      cause,
      ...(remote ? { remote } : {}),
      ...more,
    },
    hint,
    cause: error,
  });
}

/** Why an open connection was lost, in words of ours. */
export function lossReason(error: Error | undefined): string {
  if (error?.message === 'Keepalive timeout') return 'the host no longer answered keepalives';
  const code = codeOf(error);
  return /^E[A-Z]+$/.test(code) ? `the connection broke (${code})` : 'the host closed the connection';
}
