import type { Duplex } from 'node:stream';
import type { HostRecord } from '@flotilla/core';
import type { Client } from 'ssh2';
import type { ChannelOpener } from '../connect/ssh-link.ts';
import { forwardFailure } from './forward-failure.ts';

/** A stream to an address that the host can reach (direct-tcpip, RFC 4254 section 7.2). */
export async function forwardTcp(
  record: HostRecord,
  client: Client,
  open: ChannelOpener,
  to: { host: string; port: number },
): Promise<Duplex> {
  try {
    return await open((done) => client.forwardOut('127.0.0.1', 0, to.host, to.port, done));
  } catch (error) {
    throw forwardFailure(record, `${to.host}:${to.port}`, error);
  }
}
