import type { Duplex } from 'node:stream';
import type { FlotillaError, HostRecord } from '@flotilla/core';
import { Client } from 'ssh2';
import { offeredAlgorithms } from './algorithms.ts';
import type { Credentials } from './credentials.ts';
import { connectionFailed } from './failures.ts';
import type { HostKeyCheck } from './host-key-check.ts';
import { type Login, login } from './login.ts';

export interface HandshakeInput {
  record: HostRecord;
  /** A connected stream to the server. */
  socket: Duplex;
  credentials: Credentials;
  check: HostKeyCheck;
  /** Key types known for this host, preferred in the negotiation. */
  knownKeyTypes: readonly string[];
  timeoutMs: number;
  keepAliveIntervalMs: number;
  keepAliveCountMax: number;
}

/**
 * Key exchange, host key check, login. The client returned has an error listener that stays for good: `error`
 * may fire more than once, and late. CONNECTION_FAILED, HOST_KEY_MISMATCH, AUTH_FAILED; the socket is destroyed then.
 */
export function handshake(input: HandshakeInput): Promise<Client> {
  const { record, socket, check } = input;
  const client = new Client();
  const auth = login(record, input.credentials);
  let refusal: unknown;
  let encrypted = false;
  let accepted: Buffer | undefined;
  let greeting = '';
  const stage = (): Stage => ({ stage: encrypted ? 'login' : 'handshake', greeting });
  return new Promise((resolve, reject) => {
    if (socket.destroyed) return reject(closedEarly(record, stage()));
    const fail = (error: unknown): void => {
      reject(error);
      socket.destroy();
    };
    client.on('error', (error: SshError) => {
      if (refusal) return fail(refusal);
      if (isNote(error)) return auth.problem(noteOf(error));
      return fail(failureOf(record, error, stage(), auth));
    });
    client.on('change password', () => {
      auth.problem('the password has expired');
      fail(auth.failure());
    });
    client.once('handshake', () => {
      encrypted = true;
    });
    client.once('ready', () => resolve(client));
    client.once('close', () => fail(refusal ?? closedEarly(record, stage())));
    const verify = (blob: Buffer, done: (accepted: boolean) => void): void => {
      // A new key exchange must be answered at once: ssh2 sends garbled packets while it waits.
      if (accepted) {
        done(accepted.equals(blob));
        return;
      }
      check(blob).then(
        () => {
          accepted = Buffer.from(blob);
          done(true);
        },
        (error: unknown) => {
          refusal = error;
          done(false);
        },
      );
    };
    try {
      client.connect({
        sock: socket as never,
        username: record.user,
        readyTimeout: input.timeoutMs,
        keepaliveInterval: input.keepAliveIntervalMs,
        keepaliveCountMax: input.keepAliveCountMax,
        algorithms: offeredAlgorithms(input.knownKeyTypes),
        hostVerifier: verify,
        authHandler: ((left: string[] | null, partial: boolean | null) => auth.next(left, partial)) as never,
      });
      // ssh2 has paused the stream; it sees the same bytes.
      socket.once('data', (chunk: Buffer) => {
        greeting = chunk.toString('latin1', 0, 200);
      });
    } catch (error) {
      fail(connectionFailed(record, 'handshake', error as Error));
    }
  });
}

type SshError = Error & { level?: string };

/** Whether ssh2 goes on with the next way to log in after this error. */
function isNote(error: SshError): boolean {
  if (error.level === 'agent') return true;
  return error.level === 'client-authentication' && !error.message.startsWith('All configured');
}

const noteOf = (error: SshError): string =>
  error.level === 'agent' ? `SSH agent: ${error.message}` : 'the key could not sign';

interface Stage {
  stage: 'handshake' | 'login';
  /** The first bytes that came. */
  greeting: string;
}

/** A server that closes early: sshd over its limits says nothing or one line about them; anything else is no sshd. */
function closedEarly(record: HostRecord, { stage, greeting }: Stage, error?: Error): FlotillaError {
  const isSsh =
    greeting === '' || greeting.startsWith('SSH-') || /MaxStartups|not allowed at this time/i.test(greeting);
  if (stage === 'login' || isSsh) return connectionFailed(record, 'closed', error, { stage });
  return connectionFailed(record, 'handshake', undefined, { stage, remote: greeting });
}

function failureOf(record: HostRecord, error: SshError, at: Stage, auth: Login): FlotillaError {
  const { stage } = at;
  if (error.level === 'client-authentication') return auth.failure();
  if (/too many authentication failures/i.test(error.message)) return auth.failure(error.message);
  if (error.level === 'client-timeout') return connectionFailed(record, 'timeout', error, { stage });
  if (error.level === 'client-socket' || /lost before handshake/.test(error.message))
    return closedEarly(record, at, error);
  return connectionFailed(record, 'handshake', error, { stage });
}
