import type { Duplex } from 'node:stream';
import type { FlotillaError, HostRecord } from '@flotilla/core';
import { Client } from 'ssh2';
import { offeredAlgorithms } from './algorithms.ts';
import type { Credentials } from './credentials.ts';
import { connectionFailed } from './failures.ts';
import type { HostKeyCheck } from './host-key-check.ts';
import { login } from './login.ts';

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
 * Key exchange, host key check, login. The client returned has an error listener that stays for good.
 * CONNECTION_FAILED, HOST_KEY_MISMATCH, AUTH_FAILED; the socket is destroyed then.
 */
export function handshake(input: HandshakeInput): Promise<Client> {
  const { record, socket, check } = input;
  const client = new Client();
  const auth = login(record, input.credentials);
  let refusal: unknown;
  let encrypted = false;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      reject(error);
      socket.destroy();
    };
    client.on('error', (error: Error & { level?: string }) => {
      if (refusal) return fail(refusal);
      if (error.level === 'agent') return auth.problem(`SSH agent: ${error.message}`);
      if (error.level === 'client-authentication') {
        if (error.message.startsWith('All configured')) return fail(auth.failure());
        return auth.problem('the key could not sign');
      }
      fail(handshakeFailure(input, error, encrypted, auth.failure));
    });
    client.once('handshake', () => {
      encrypted = true;
    });
    client.once('ready', () => resolve(client));
    client.once('close', () =>
      fail(
        refusal ??
          connectionFailed(record, 'closed', undefined, { stage: encrypted ? 'login' : 'handshake' }),
      ),
    );
    try {
      client.connect({
        sock: socket as never,
        username: record.user,
        readyTimeout: input.timeoutMs,
        keepaliveInterval: input.keepAliveIntervalMs,
        keepaliveCountMax: input.keepAliveCountMax,
        algorithms: offeredAlgorithms(input.knownKeyTypes),
        hostVerifier: (blob: Buffer, verify: (ok: boolean) => void) => {
          check(blob).then(
            () => verify(true),
            (error: unknown) => {
              refusal = error;
              verify(false);
            },
          );
        },
        authHandler: ((left: never, partial: boolean | null) => auth.next(left, partial)) as never,
      });
    } catch (error) {
      fail(connectionFailed(record, 'handshake', error as Error));
    }
  });
}

function handshakeFailure(
  { record }: HandshakeInput,
  error: Error & { level?: string },
  encrypted: boolean,
  authFailure: (remote: string) => FlotillaError,
): FlotillaError {
  const stage = encrypted ? 'login' : 'handshake';
  if (/too many authentication failures/i.test(error.message)) return authFailure(error.message);
  if (error.level === 'client-timeout') return connectionFailed(record, 'timeout', error, { stage });
  if (error.level === 'client-socket' || /lost before handshake/.test(error.message))
    return connectionFailed(record, 'closed', error, { stage });
  return connectionFailed(record, 'handshake', error, { stage });
}
