import { createHash } from 'node:crypto';
import { readDirectory } from '../directory.ts';
import { joinPath } from '../paths.ts';
import { fileType } from '../protocol/attrs.ts';
import type { SftpClient } from '../protocol/sftp-client.ts';
import { absent } from '../status-meaning.ts';
import { assignBytes, runRemote } from './remote-command.ts';
import type { TransferHost } from './transfer-host.ts';

/**
 * Where small files wait, under plain numbers, until all of them are there and verified: a folder inside the
 * target, so that a rename is enough. Its name is the same for the same target, so that one left by a lost
 * connection is found and removed.
 */
export function stagingName(target: Uint8Array | string, key: string): string {
  const digest = createHash('sha256').update(target).update('\0').update(key).digest('hex');
  return `.flotilla-${digest.slice(0, 12)}.part`;
}

export async function removeStaging(host: TransferHost, path: Uint8Array): Promise<void> {
  const { client } = host;
  const left = await client.lstat(path).catch(absent);
  if (!left) return;
  if (fileType(left.mode) !== 'directory') return client.remove(path);
  const { shell } = await host.capabilities();
  if (shell) {
    await runRemote(host.links, host.alias, `${assignBytes('p', path)}; rm -rf -- "$p"`);
    return;
  }
  await removeFlat(client, path);
}

/** Staging folders hold files only. */
async function removeFlat(client: SftpClient, path: Uint8Array): Promise<void> {
  const entries = await readDirectory(client, path);
  await Promise.all(entries.map((entry) => client.remove(joinPath(path, entry.name))));
  await client.rmdir(path);
}
