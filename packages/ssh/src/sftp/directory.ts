import { FlotillaError } from '@flotilla/core';
import { isPlainName, joinPath, parentPath, pathText } from './paths.ts';
import { fileType } from './protocol/attrs.ts';
import { SftpStatusError, STATUS } from './protocol/codes.ts';
import type { Entry, SftpClient } from './protocol/sftp-client.ts';

/** More names than this in one folder are refused: a hostile host can list for ever. */
const MAX_ENTRIES = 500_000;

/** The entries of one folder without `.` and `..`; names that no file can have are dropped. */
export async function readDirectory(client: SftpClient, path: Uint8Array): Promise<Entry[]> {
  const handle = await client.opendir(path);
  const entries: Entry[] = [];
  try {
    // Two requests in flight: the answers come in order, so the end is the first empty one.
    let next = client.readdir(handle);
    for (;;) {
      const ahead = client.readdir(handle);
      ahead.catch(() => {});
      const batch = await next;
      if (!batch) {
        await ahead.catch(() => {});
        return entries;
      }
      for (const entry of batch) if (isPlainName(entry.name)) entries.push(entry);
      if (entries.length > MAX_ENTRIES) {
        throw new FlotillaError('UNSUPPORTED', `The folder holds more than ${MAX_ENTRIES} entries.`, {
          details: { path: pathText(path) },
          hint: 'List it on the host: task_exec with find.',
        });
      }
      next = ahead;
    }
  } finally {
    await client.close(handle).catch(() => {});
  }
}

/** Makes a folder and its missing parents; an existing folder (or a link to one) is fine. */
export async function makeDirectories(client: SftpClient, path: Uint8Array, mode = 0o755): Promise<void> {
  try {
    if (fileType((await client.stat(path)).mode) === 'directory') return;
    throw new FlotillaError('ALREADY_EXISTS', 'A file is in the way of a folder.', {
      details: { path: pathText(path) },
    });
  } catch (error) {
    if (!(error instanceof SftpStatusError) || error.status !== STATUS.NO_SUCH_FILE) throw error;
  }
  const parent = parentPath(path);
  if (!parent.equals(Buffer.from(path))) await makeDirectories(client, parent, mode);
  try {
    await client.mkdir(path, mode);
  } catch (error) {
    const made = await client.stat(path).catch(() => undefined);
    if (!made || fileType(made.mode) !== 'directory') throw error;
  }
}

export const childPath = (folder: Uint8Array, entry: Entry): Buffer => joinPath(folder, entry.name);
