import type { Duplex } from 'node:stream';
import { type FlotillaError, type HostRecord, isFlotillaError } from '@flotilla/core';
import type { Client, ClientChannel } from 'ssh2';
import { forwardTcp } from '../forward/forward-tcp.ts';
import { forwardUnix } from '../forward/forward-unix.ts';
import type { SshLink } from '../links.ts';
import { connectionFailed } from './failures.ts';
import { sessionSlots } from './session-slots.ts';

/** A link as its pool sees it. */
export interface OwnedLink extends SshLink {
  /** False as soon as no channel can be opened any more. */
  usable(): boolean;
  /** Session channels its server allows; Infinity when it never refused one. */
  capacity(): number;
  /** Called when the holders of leases wait because the server allows fewer sessions than were leased. */
  onStarved(listener: () => void): void;
  /** Says goodbye to the server and closes the socket, by force if the server does not answer. */
  end(): void;
}

/** Opens one channel through an ssh2 client; CONNECTION_FAILED `closed` when the link is gone. */
export type ChannelOpener = <T>(
  start: (done: (error: Error | undefined, channel: T) => void) => unknown,
) => Promise<T>;

const GOODBYE_MS = 500;
let serial = 0;

/** Wraps an authenticated client and the stream it runs on. */
export function sshLink(record: HostRecord, client: Client, socket: Duplex): OwnedLink {
  const { alias } = record;
  let gone = false;
  let ending = false;
  let lastError: Error | undefined;
  let starved = (): void => undefined;
  client.on('error', (error) => {
    lastError ??= error;
    ending = true;
    socket.destroy();
  });
  let finish = (): void => undefined;
  const closed = new Promise<Error | undefined>((resolve) => {
    finish = () => {
      gone = true;
      ending = true;
      resolve(lastError);
    };
    client.once('close', finish);
  });
  /** A peer or a bastion that hangs would keep the stream from closing for ever. */
  const closeSoon = (): void => {
    ending = true;
    const timer = setTimeout(() => {
      socket.destroy();
      finish();
    }, GOODBYE_MS);
    void closed.then(() => clearTimeout(timer));
  };
  client.once('end', closeSoon);
  const lost = (error?: Error): FlotillaError => connectionFailed(record, 'closed', lastError ?? error);

  const openChannel: ChannelOpener = (start) =>
    new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(link.usable() ? error : lost(error));
      if (gone) return reject(lost());
      try {
        start((error, channel) => (error ? failed(error) : resolve(channel)));
      } catch (error) {
        failed(error as Error);
      }
    });

  let hadSession = false;
  /** sshd sets TCP_NODELAY on a connection with its first session: a link that only forwards needs one, too. */
  const sessionOnce = (): void => {
    if (hadSession) return;
    hadSession = true;
    openChannel<ClientChannel>((done) => client.exec('exit', done)).then(
      (channel) =>
        void channel
          .on('error', () => undefined)
          .resume()
          .stderr.resume(),
      () => undefined,
    );
  };

  const slots = sessionSlots({ isRefusal, closed, onStarved: () => starved() });
  const session: ChannelOpener = async (start) => {
    hadSession = true;
    try {
      return await slots.open(() => openChannel(start as never) as Promise<never>);
    } catch (error) {
      if (isFlotillaError(error)) throw error;
      throw connectionFailed(record, 'channel_refused', error as Error);
    }
  };

  const link: OwnedLink = {
    alias,
    id: `${alias}#${++serial}`,
    closed,
    usable: () => !ending && socket.writable,
    capacity: slots.capacity,
    onStarved: (listener) => {
      starved = listener;
    },
    exec: (command, { pty } = {}) =>
      session((done) => {
        if (!pty) return client.exec(command, done);
        const window = { term: pty.term, cols: pty.columns, rows: pty.rows };
        return client.exec(command, { pty: window }, done);
      }),
    sftp: () => session((done) => client.sftp(done)),
    subsystem: (name) => session((done) => client.subsys(name, done)),
    forwardTcp(host, port) {
      sessionOnce();
      return forwardTcp(record, client, openChannel, { host, port });
    },
    forwardUnix(path) {
      sessionOnce();
      return forwardUnix(record, client, openChannel, link.exec, path);
    },
    end() {
      client.end();
      closeSoon();
    },
  };
  return link;
}

/** ssh2 gives the reason code of RFC 4254 section 5.1 to errors of a refused channel. */
const isRefusal = (error: unknown): boolean => error instanceof Error && 'reason' in error;
