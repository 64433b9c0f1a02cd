import { FlotillaError } from '@flotilla/core';
import type { ClientChannel } from 'ssh2';
import { assignBytes, runRemote } from './remote-command.ts';
import { padding, tarHeader } from './tar-format.ts';
import type { TransferHost } from './transfer-host.ts';

const FLUSH = 256 * 1024;

export interface StagedFile {
  /** Name in the staging folder. */
  name: string;
  mode: number;
  mtime: number;
  content: Buffer;
}

/**
 * Makes the staging folder and fills it through one tar stream. Answers with the sums that the host computed, or
 * undefined where it has no program for that. Rejects when tar failed.
 */
export async function stageByTar(
  host: TransferHost,
  staging: Uint8Array,
  files: () => AsyncIterable<StagedFile> | Iterable<StagedFile>,
): Promise<Map<string, string> | undefined> {
  const { sha256Files } = await host.capabilities();
  const sums = sha256Files ? `ls -A | xargs ${sha256Files}` : ':';
  const script = `${assignBytes('p', staging)}; umask 077; rm -rf -- "$p" && mkdir -- "$p" && cd -- "$p" && tar -xpof - && ${sums}`;
  const end = await runRemote(host.links, host.alias, script, {
    signal: host.signal,
    input: (channel) => sendTar(channel, files()),
  });
  if (end.exitCode !== 0) {
    throw new FlotillaError('TRANSFER_FAILED', 'Unpacking the files on the host failed.', {
      details: { remote: end.stderr.slice(0, 1000), exitCode: end.exitCode },
    });
  }
  if (!sha256Files) return undefined;
  const lines = end.stdout.toString('latin1').split('\n');
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

async function sendTar(
  channel: ClientChannel,
  files: AsyncIterable<StagedFile> | Iterable<StagedFile>,
): Promise<void> {
  let parts: Buffer[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const block = parts.length === 1 ? parts[0] : Buffer.concat(parts, size);
    parts = [];
    size = 0;
    if (block && !channel.write(block) && channel.writable) await drained(channel);
  };
  for await (const file of files) {
    const { content } = file;
    const filler = padding(content.length);
    parts.push(tarHeader({ ...file, size: content.length }), content);
    if (filler > 0) parts.push(Buffer.alloc(filler));
    size += 512 + content.length + filler;
    if (size >= FLUSH) await flush();
    if (!channel.writable) return;
  }
  parts.push(Buffer.alloc(1024));
  size += 1024;
  await flush();
  channel.end();
}

function drained(channel: ClientChannel): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      channel.off('drain', done);
      channel.off('close', done);
      resolve();
    };
    channel.once('drain', done);
    channel.once('close', done);
  });
}
