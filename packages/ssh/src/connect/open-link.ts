import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { FlotillaError, type HostDirectory, type HostRecord } from '@flotilla/core';
import type { KeyFiles } from '../keys/key-files.ts';
import type { KnownHostsFiles } from '../known-hosts/files.ts';
import { keysOf, typesOf } from '../known-hosts/verdict.ts';
import type { Limiter } from '../pool/limiter.ts';
import type { LinkSettings } from '../pool/settings.ts';
import { coalesceWrites } from '../sftp/tuning/coalesce-writes.ts';
import { tuneGcm } from '../sftp/tuning/gcm.ts';
import { type Credentials, credentialsOf } from './credentials.ts';
import { handshake } from './handshake.ts';
import { hostKeyCheck } from './host-key-check.ts';
import { type OwnedLink, sshLink } from './ssh-link.ts';
import { connectTcp } from './tcp.ts';

export interface LinkMaker {
  directory: HostDirectory;
  settings: LinkSettings;
  keys: KeyFiles;
  knownHosts: KnownHostsFiles;
  /** Handshakes at the same time; a host that does not answer at all takes no place. */
  handshakes: Limiter;
}

export interface LinkOrder {
  record: HostRecord;
  /** Ends the attempt. */
  signal: AbortSignal;
  /** Opens the stream to the host instead of TCP. */
  throughBastion?: () => Promise<Duplex>;
}

/** Pauses after a server dropped a connection before the key exchange, as sshd does above MaxStartups. */
const DROP_RETRIES_MS = [80, 200, 450, 900];

/** One connection, from TCP to the login. Dropped early by the server, it is tried again a few times, with jitter. */
export async function openLink(maker: LinkMaker, order: LinkOrder): Promise<OwnedLink> {
  const credentials = await credentialsOf(order.record, maker.keys);
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptLink(maker, order, credentials);
    } catch (error) {
      const wait = DROP_RETRIES_MS[attempt];
      if (wait === undefined || !droppedEarly(error) || order.signal.aborted) throw error;
      await delay(wait * (0.5 + Math.random()));
    }
  }
}

async function attemptLink(
  { settings, directory, knownHosts, handshakes }: LinkMaker,
  { record, signal, throughBastion }: LinkOrder,
  credentials: Credentials,
): Promise<OwnedLink> {
  const known = keysOf(await knownHosts.entries(), record.host, record.port);
  const socket = throughBastion
    ? await throughBastion()
    : await connectTcp(record, settings.connectTimeoutMs, signal);
  tuneGcm();
  coalesceWrites(socket);
  const destroy = (): void => void socket.destroy();
  signal.addEventListener('abort', destroy, { once: true });
  try {
    const client = await handshakes.run(() =>
      handshake({
        record,
        socket,
        credentials,
        check: hostKeyCheck(record, known, directory),
        knownKeyTypes: record.hostKeys.length > 0 ? record.hostKeys.map((pin) => pin.type) : typesOf(known),
        timeoutMs: settings.connectTimeoutMs,
        keepAliveIntervalMs: settings.keepAliveIntervalMs,
        keepAliveCountMax: settings.keepAliveCountMax,
      }),
    );
    return sshLink(record, client, socket);
  } finally {
    signal.removeEventListener('abort', destroy);
  }
}

function droppedEarly(error: unknown): boolean {
  return (
    error instanceof FlotillaError &&
    error.code === 'CONNECTION_FAILED' &&
    error.details['cause'] === 'closed' &&
    error.details['stage'] === 'handshake'
  );
}
