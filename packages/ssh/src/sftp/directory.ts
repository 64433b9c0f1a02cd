import { FlotillaError } from '@flotilla/core';
import { isPlainName, joinPath, parentPath, pathText } from './paths.ts';
import { fileType } from './protocol/attrs.ts';
import { SftpStatusError, STATUS } from './protocol/codes.ts';
import type { Entry, SftpClient } from './protocol/sftp-client.ts';

/** More names than this in one folder are refused: a hostile host can list for ever. */
const MAX_ENTRIES = 500_000;
const MAX_AHEAD = 16;

/** The entries of one folder without `.` and `..`; names that no file can have are dropped. */
export async function readDirectory(client: SftpClient, path: Uint8Array): Promise<Entry[]> {
  const handle = await client.opendir(path);
  const entries: Entry[] = [];
  let seen = 0;
  try {
    // Answers come in order, so the end is the first empty one. Long folders are asked for further ahead.
    const asked: Promise<Entry[] | undefined>[] = [];
    for (let ahead = 2; ; ahead = Math.min(2 * ahead, MAX_AHEAD)) {
      while (asked.length < ahead) {
        const answer = client.readdir(handle);
        answer.catch(() => {});
        asked.push(answer);
      }
      const batch = await asked.shift();
      if (!batch) {
        await Promise.allSettled(asked);
        return entries;
      }
      for (const entry of batch) if (isPlainName(entry.name)) entries.push(entry);
      seen += Math.max(1, batch.length);
      if (seen > MAX_ENTRIES) {
        throw new FlotillaError('UNSUPPORTED', `The folder holds more than ${MAX_ENTRIES} entries.`, {
          details: { path: pathText(path) },
          hint: 'List it on the host: task_exec with find.',
        });
      }
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
