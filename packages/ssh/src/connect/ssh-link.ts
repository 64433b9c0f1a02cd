import { setTimeout as delay } from 'node:timers/promises';
import type { HostRecord } from '@flotilla/core';
import type { Client } from 'ssh2';
import type { SshLink } from '../links.ts';
import { connectionFailed } from './failures.ts';

/** A link as its pool sees it. */
export interface OwnedLink extends SshLink {
  /** Says goodbye to the server and closes the socket, at once if the server does not answer. */
  end(): void;
}

let serial = 0;
const OPEN_RETRIES_MS = [10, 25, 60, 150, 400];

type Opener<T> = (done: (error: Error | undefined, channel: T) => void) => unknown;

/** Wraps an authenticated client. */
export function sshLink(record: HostRecord, client: Client, destroySocket: () => void): OwnedLink {
  const { alias } = record;
  let gone: Error | undefined;
  let lastError: Error | undefined;
  client.on('error', (error) => {
    lastError ??= error;
    destroySocket();
  });
  const closed = new Promise<Error | undefined>((resolve) => {
    client.once('close', () => {
      gone = lastError ?? new Error('closed');
      resolve(lastError);
    });
  });
  const lost = (error?: Error): Error => connectionFailed(record, 'closed', gone ?? error);

  function openOnce<T>(opener: Opener<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (gone) return reject(lost());
      opener((error, channel) => (error ? reject(error) : resolve(channel)));
    });
  }

  /** A refused channel is tried again: sshd frees the place of a closed session a little later than we do. */
  async function open<T>(opener: Opener<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await openOnce(opener);
      } catch (error) {
        if (gone || (error as Error).message === 'Not connected') throw lost(error as Error);
        if ((error as { name?: string }).name === 'FlotillaError') throw error;
        const wait = OPEN_RETRIES_MS[attempt];
        const refusedOpen = 'reason' in (error as Error);
        if (!refusedOpen || wait === undefined)
          throw connectionFailed(record, 'channel_refused', error as Error);
        await Promise.race([delay(wait * (0.5 + Math.random())), closed]);
      }
    }
  }

  return {
    alias,
    id: `${alias}#${++serial}`,
    closed,
    exec: (command, options = {}) =>
      open((done) => {
        const { pty } = options;
        if (!pty) return client.exec(command, done);
        const window = { term: pty.term, cols: pty.columns, rows: pty.rows };
        return client.exec(command, { pty: window }, done);
      }),
    sftp: () => open((done) => client.sftp(done)),
    subsystem: (name) => open((done) => client.subsys(name, done)),
    forwardTcp: (host, port) => open((done) => client.forwardOut('127.0.0.1', 0, host, port, done)),
    forwardUnix: (path) => open((done) => client.openssh_forwardOutStreamLocal(path, done)),
    end() {
      client.end();
      const timer = setTimeout(destroySocket, 500);
      timer.unref();
      void closed.then(() => clearTimeout(timer));
    },
  };
}
