import { FlotillaError } from '@flotilla/core';
import type { ClientChannel } from 'ssh2';
import { assignBytes, runRemote } from './remote-command.ts';
import { BLOCK, padding, writeTarHeader } from './tar-format.ts';
import type { TransferHost } from './transfer-host.ts';

const FLUSH = 256 * 1024;

export interface StagedFile {
  /** Name in the staging folder. */
  name: string;
  size: number;
  mode: number;
  mtime: number;
  /** Reads the whole file into `target`; false when it cannot be read, which was noted then. */
  fill(target: Buffer): Promise<boolean>;
}

/**
 * Makes the staging folder and fills it through one tar stream. Answers with the sums that the host computed, or
 * undefined where it has no program for that. Rejects when tar failed.
 */
export async function stageByTar(
  host: TransferHost,
  staging: Uint8Array,
  files: Iterable<StagedFile>,
): Promise<Map<string, string> | undefined> {
  const { sha256 } = await host.capabilities();
  const sums = sha256 ? `ls -A | xargs ${sha256}` : ':';
  const script = `${assignBytes('p', staging)}; umask 077; rm -rf -- "$p" && mkdir -- "$p" && cd -- "$p" && tar -xpof - && ${sums}`;
  const end = await runRemote(host.links, host.alias, script, {
    signal: host.signal,
    input: (channel) => sendTar(channel, files),
  });
  if (end.exitCode !== 0) {
    throw new FlotillaError('TRANSFER_FAILED', 'Unpacking the files on the host failed.', {
      details: { remote: end.stderr.slice(0, 1000), exitCode: end.exitCode },
    });
  }
  if (!sha256) return undefined;
  const lines = end.stdout.toString('latin1').split('\n');
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

async function sendTar(channel: ClientChannel, files: Iterable<StagedFile>): Promise<void> {
  let block = Buffer.allocUnsafeSlow(FLUSH);
  let used = 0;
  const flush = async (): Promise<void> => {
    const full = block.subarray(0, used);
    block = Buffer.allocUnsafeSlow(FLUSH);
    used = 0;
    if (!channel.write(full) && channel.writable) await drained(channel);
  };
  for (const file of files) {
    const filler = padding(file.size);
    const length = BLOCK + file.size + filler;
    if (used > 0 && used + length > block.length) await flush();
    if (length > block.length) block = Buffer.allocUnsafeSlow(length);
    if (!channel.writable) return;
    const entry = block.subarray(used, used + length);
    if (!(await file.fill(entry.subarray(BLOCK, BLOCK + file.size)))) continue;
    writeTarHeader(entry, file);
    entry.fill(0, BLOCK + file.size);
    used += length;
  }
  await flush();
  channel.end(Buffer.alloc(2 * BLOCK));
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
