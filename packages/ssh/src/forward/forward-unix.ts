import type { Duplex } from 'node:stream';
import { FlotillaError, type HostRecord } from '@flotilla/core';
import type { Client } from 'ssh2';
import type { ChannelOpener } from '../connect/ssh-link.ts';
import type { SshLink } from '../links.ts';
import { quote } from '../quote.ts';
import { forwardFailure } from './forward-failure.ts';

/**
 * A stream to a unix socket on the host (direct-streamlocal@openssh.com). sshd does not say why it failed, so
 * the host is asked about the socket then.
 */
export async function forwardUnix(
  record: HostRecord,
  client: Client,
  open: ChannelOpener,
  exec: SshLink['exec'],
  path: string,
): Promise<Duplex> {
  try {
    return await open((done) => client.openssh_forwardOutStreamLocal(path, done as never));
  } catch (error) {
    const failure = forwardFailure(record, path, error);
    if (failure.code !== 'CONNECTION_FAILED' || failure.details['to'] === undefined) throw failure;
    const finding = FINDINGS[await askAbout(exec, path)];
    if (!finding) throw failure;
    const [code, reason, text, hint] = finding;
    throw new FlotillaError(code, `${record.alias}: ${path} ${text}.`, {
      details: { ...failure.details, cause: undefined, reason, user: record.user },
      hint,
      cause: error,
    });
  }
}

type Finding = [
  code: 'NOT_FOUND' | 'DENIED' | 'CONNECTION_FAILED',
  reason: string,
  text: string,
  hint: string,
];

const FINDINGS: Record<number, Finding | undefined> = {
  11: ['NOT_FOUND', 'missing', 'does not exist', 'Check the path, and that its service runs.'],
  12: ['NOT_FOUND', 'not_a_socket', 'is not a socket', 'Check the path.'],
  13: [
    'DENIED',
    'forbidden',
    'may not be opened by this user',
    'Log in as a user who may, or add this one to the group of the socket (e.g. docker).',
  ],
  14: [
    'CONNECTION_FAILED',
    'refused',
    'exists, but sshd could not connect to it',
    'Start its service; if it runs, sshd_config may forbid it (AllowStreamLocalForwarding).',
  ],
};

/** Exit code that names the state of a socket; 0 when the host could not be asked. */
async function askAbout(exec: SshLink['exec'], path: string): Promise<number> {
  const socket = quote(path);
  const folder = quote(path.slice(0, path.lastIndexOf('/')) || '/');
  const script = `if [ -d ${folder} ] && [ ! -x ${folder} ]; then exit 13; elif [ ! -e ${socket} ]; then exit 11; elif [ ! -S ${socket} ]; then exit 12; elif [ ! -w ${socket} ]; then exit 13; else exit 14; fi`;
  try {
    const channel = await exec(script);
    channel.resume();
    channel.stderr.resume();
    return await new Promise((resolve) =>
      channel.once('close', (code: unknown) => resolve(Number(code) || 0)),
    );
  } catch {
    return 0;
  }
}
