import { FlotillaError, type RemoteFiles, type RemotePath } from '@flotilla/core';
import type { HostLinks } from '../links.ts';
import { childPath, makeDirectories, readDirectory } from './directory.ts';
import { fileStat } from './file-stat.ts';
import { fileError } from './map-error.ts';
import { pathText } from './paths.ts';
import { fileType } from './protocol/attrs.ts';
import { OPEN } from './protocol/codes.ts';
import type { SftpClient } from './protocol/sftp-client.ts';
import { readRange } from './read-range.ts';
import { remotePath } from './remote-path.ts';
import { sharedSessions } from './shared-sessions.ts';
import { replace, writeAtomic } from './write-atomic.ts';

/** The small file operations of one host. All of a host's callers share one SFTP session of the pool. */
export function createRemoteFiles(links: HostLinks, alias: string): RemoteFiles {
  const sessions = sharedSessions(links);

  async function on<T>(
    path: RemotePath,
    doing: string,
    work: (client: SftpClient, path: Buffer) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const bytes = remotePath(path);
    return sessions.use(alias, async (client) => {
      try {
        signal?.throwIfAborted();
        return await work(client, bytes);
      } catch (error) {
        if (signal?.aborted) throw new FlotillaError('CANCELLED', `${doing} was cancelled.`);
        throw fileError(error, { alias, path: bytes, doing });
      }
    });
  }

  return {
    list: (path) => on(path, 'Listing', (client, folder) => list(client, folder)),
    stat: (path, options) =>
      on(path, 'Looking at', async (client, file) => {
        if (options?.followSymlinks !== false) return fileStat(file, await client.stat(file));
        const attrs = await client.lstat(file);
        const target = fileType(attrs.mode) === 'symlink' ? await client.readlink(file) : undefined;
        return fileStat(file, attrs, target);
      }),
    realpath: (path) =>
      on(path, 'Resolving', async (client, file) => {
        const real = await client.realpath(file);
        await client.lstat(real);
        return pathText(real);
      }),
    read: (path, options) =>
      on(path, 'Reading', (client, file) => read(client, file, options), options.signal),
    write: (path, content, options) =>
      on(
        path,
        'Writing',
        (client, file) => writeAtomic(client, file, content, { alias, ...options }),
        options?.signal,
      ),
    makeDirectories: (path) =>
      on(path, 'Making the folder', (client, folder) => makeDirectories(client, folder)),
    removeFile: (path) => on(path, 'Removing', (client, file) => client.remove(file)),
    removeDirectory: (path) =>
      on(path, 'Removing the folder', async (client, folder) => {
        try {
          await client.rmdir(folder);
        } catch (error) {
          const left = await readDirectory(client, folder).catch(() => []);
          if (left.length === 0) throw error;
          throw new FlotillaError('CONFLICT', 'The folder is not empty.', {
            details: { alias, path: pathText(folder), entries: left.length },
          });
        }
      }),
    rename: (from, to) => on(from, 'Renaming', (client, source) => replace(client, source, remotePath(to))),
  };
}

async function list(client: SftpClient, folder: Buffer) {
  const entries = await readDirectory(client, folder);
  return Promise.all(
    entries.map(async (entry) => {
      const path = childPath(folder, entry);
      const link = fileType(entry.attrs.mode) === 'symlink';
      return fileStat(
        path,
        entry.attrs,
        link ? await client.readlink(path).catch(() => undefined) : undefined,
      );
    }),
  );
}

async function read(
  client: SftpClient,
  file: Buffer,
  options: { offset?: number; length: number; signal?: AbortSignal },
): Promise<Uint8Array> {
  const attrs = await client.stat(file);
  const type = fileType(attrs.mode);
  if (type !== 'file' && type !== 'unknown') {
    throw new FlotillaError('INVALID_INPUT', `It is a ${type}, not a file.`, {
      details: { path: pathText(file), type },
      hint: type === 'directory' ? 'file_list shows what a folder holds.' : 'Name a regular file.',
    });
  }
  const handle = await client.open(file, OPEN.READ);
  try {
    const offset = options.offset ?? 0;
    const size = attrs.size ?? 0;
    const length = size > 0 ? Math.max(0, Math.min(options.length, size - offset)) : options.length;
    return await readRange(client, handle, { offset, length, sized: size > 0 }, options.signal);
  } finally {
    await client.close(handle).catch(() => {});
  }
}
