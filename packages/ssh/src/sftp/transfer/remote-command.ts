import { FlotillaError } from '@flotilla/core';
import type { ClientChannel } from 'ssh2';
import type { HostLinks } from '../../links.ts';
import { quote } from '../../quote.ts';
import { SftpClosedError } from '../protocol/codes.ts';

const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_ERRORS = 4096;

export interface CommandEnd {
  /** null when a signal ended it. */
  exitCode: number | null;
  stdout: Buffer;
  /** The beginning of it; text of the host. */
  stderr: string;
}

export interface CommandOptions {
  signal?: AbortSignal;
  /** What the command reads, or a function that writes it and ends the channel. */
  input?: Uint8Array | ((channel: ClientChannel) => Promise<void>);
  /** Takes standard output instead of it being collected. */
  onData?(chunk: Buffer, channel: ClientChannel): void;
}

/** Runs a script with `sh` in a channel of its own; it dies with the channel. Throws CONNECTION_FAILED, CANCELLED. */
export async function runRemote(
  links: HostLinks,
  alias: string,
  script: string,
  options: CommandOptions = {},
): Promise<CommandEnd> {
  const { signal, input, onData } = options;
  const lease = await links.lease(alias, signal ? { signal } : {});
  try {
    const channel = await lease.link.exec(`sh -c ${quote(script)}`);
    const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
    const stop = (): void => channel.close();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const ended = collect(channel, onData);
      const fed = feed(channel, input);
      // A command may end without reading all of its input; then its end is the answer.
      const end = await Promise.race([ended, fed.then(() => ended)]);
      if (signal?.aborted) throw new FlotillaError('CANCELLED', 'The transfer was cancelled.');
      return end;
    } finally {
      signal?.removeEventListener('abort', stop);
      channel.close();
      await Promise.race([closed, lease.link.closed]);
    }
  } finally {
    lease.release();
  }
}

async function feed(channel: ClientChannel, input: CommandOptions['input']): Promise<void> {
  if (typeof input === 'function') return input(channel);
  channel.end(input === undefined ? undefined : Buffer.from(input));
}

function collect(channel: ClientChannel, onData: CommandOptions['onData']): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    let size = 0;
    let stderr = '';
    channel.on('data', (chunk: Buffer) => {
      if (onData) {
        try {
          onData(chunk, channel);
        } catch (error) {
          channel.close();
          reject(error);
        }
        return;
      }
      size += chunk.length;
      if (size > MAX_OUTPUT) {
        channel.close();
        reject(
          new FlotillaError('TRANSFER_FAILED', 'A command on the host wrote more than it can have to say.'),
        );
      } else out.push(chunk);
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < MAX_ERRORS) stderr += chunk.toString('utf8').slice(0, MAX_ERRORS);
    });
    channel.on('error', reject);
    // Not `exit`: it can pass before anybody listens, when all of a short command comes in one piece.
    channel.once('close', (code?: number | null) => {
      if (code === undefined) reject(new SftpClosedError('The connection was lost'));
      else resolve({ exitCode: code, stdout: Buffer.concat(out), stderr });
    });
  });
}

/**
 * Shell text that sets `name` to exactly these bytes: SSH carries commands as text, names may be any bytes
 * (POSIX printf, `%b` with `\0ooo`).
 */
export function assignBytes(name: string, value: Uint8Array): string {
  let escaped = '';
  for (const byte of value) {
    const character = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9/._-]/.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return `${name}=$(printf '%b.' '${escaped}'); ${name}=\${${name}%.}`;
}
