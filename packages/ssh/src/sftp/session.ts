import { setTimeout as pause } from 'node:timers/promises';
import { FlotillaError } from '@flotilla/core';
import type { ChannelLease, HostLinks, LeaseOptions } from '../links.ts';
import { SftpClosedError } from './protocol/codes.ts';
import { SftpClient } from './protocol/sftp-client.ts';

/** How long an SFTP server that closed its output may take to end. */
const EXIT_MS = 2_000;

/** An SFTP subsystem on a leased channel. */
export interface SftpSession {
  readonly alias: string;
  readonly client: SftpClient;
  readonly lease: ChannelLease;
  /** Closes the channel and gives the lease back once it has closed. Never rejects. */
  close(): Promise<void>;
}

/** CONNECTION_FAILED and the other failures of a lease; UNSUPPORTED when the host has no SFTP subsystem. */
export async function openSession(
  links: HostLinks,
  alias: string,
  options: LeaseOptions = {},
): Promise<SftpSession> {
  const lease = await links.lease(alias, options);
  let held = true;
  const release = (): void => {
    if (held) lease.release();
    held = false;
  };
  let exitCode: number | null = null;
  try {
    const stream = await lease.link.subsystem('sftp');
    const exited = new Promise<void>((resolve) =>
      stream.once('exit', (code: number | null) => {
        exitCode = code;
        resolve();
      }),
    );
    // The code comes with the close too: a server that ended at once has said it before anyone could listen.
    const ended = new Promise<void>((resolve) =>
      stream.once('close', (code?: number | null) => {
        exitCode ??= code ?? null;
        resolve();
      }),
    );
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closing ??= (async () => {
        stream.close();
        await Promise.race([ended, lease.link.closed]);
        release();
      })();
      return closing;
    };
    try {
      const client = await SftpClient.start(stream);
      return { alias, client, lease, close };
    } catch (error) {
      // sshd tells of the end of the output before that of the program, and not at all once we close.
      await Promise.race([exited, ended, lease.link.closed, pause(EXIT_MS, undefined, { ref: false })]);
      await close();
      throw error;
    }
  } catch (error) {
    release();
    throw sessionError(error, alias, exitCode);
  }
}

/** Only a server that ended by itself is none; without an exit code the connection or a kill ended it. */
function sessionError(error: unknown, alias: string, exitCode: number | null): unknown {
  if (error instanceof SftpClosedError && exitCode === null) {
    return new FlotillaError('CONNECTION_FAILED', `The connection to ${alias} was lost.`, {
      details: { alias, cause: 'channel_closed' },
      cause: error,
    });
  }
  if (error instanceof SftpClosedError || (error instanceof Error && /subsystem/i.test(error.message))) {
    return new FlotillaError(
      'UNSUPPORTED',
      `${alias} does not offer SFTP, or its SFTP server ended at once.`,
      {
        details: { alias, cause: error.message },
        hint: 'Enable it on the host: `Subsystem sftp internal-sftp` in sshd_config, or check its ForceCommand.',
        cause: error,
      },
    );
  }
  return error;
}
