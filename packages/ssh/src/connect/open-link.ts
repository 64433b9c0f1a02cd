import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { FlotillaError, type HostDirectory, type HostRecord } from '@flotilla/core';
import type { LinkSettings } from '../pool/settings.ts';
import { credentialsOf } from './credentials.ts';
import { handshake } from './handshake.ts';
import { hostKeyCheck } from './host-key-check.ts';
import { type OwnedLink, sshLink } from './ssh-link.ts';
import { connectTcp } from './tcp.ts';

export interface OpenLinkInput {
  record: HostRecord;
  directory: HostDirectory;
  settings: LinkSettings;
  /** Opens a stream to the host through its bastion; absent for a direct connection. */
  throughBastion?: () => Promise<Duplex>;
  signal?: AbortSignal;
}

const DROP_RETRIES_MS = [80, 200, 450, 900];

/**
 * One connection, from the TCP connect to the login. A server that drops the connection before the key
 * exchange (MaxStartups) is tried again a few times, with jitter.
 */
export async function openLink(input: OpenLinkInput): Promise<OwnedLink> {
  const credentials = await credentialsOf(input.record);
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptLink(input, credentials);
    } catch (error) {
      const wait = DROP_RETRIES_MS[attempt];
      if (wait === undefined || !droppedEarly(error) || input.signal?.aborted) throw error;
      await delay(wait * (0.5 + Math.random()));
    }
  }
}

async function attemptLink(
  input: OpenLinkInput,
  credentials: Awaited<ReturnType<typeof credentialsOf>>,
): Promise<OwnedLink> {
  const { record, settings, directory, signal } = input;
  const socket = input.throughBastion
    ? await input.throughBastion()
    : await connectTcp(record, settings.connectTimeoutMs, signal);
  const abort = (): void => void socket.destroy();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const client = await handshake({
      record,
      socket,
      credentials,
      check: hostKeyCheck(record, directory),
      knownKeyTypes: record.hostKeys.map((pin) => pin.type),
      timeoutMs: settings.connectTimeoutMs,
      keepAliveIntervalMs: settings.keepAliveIntervalMs,
      keepAliveCountMax: settings.keepAliveCountMax,
    });
    return sshLink(record, client, abort);
  } finally {
    signal?.removeEventListener('abort', abort);
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
