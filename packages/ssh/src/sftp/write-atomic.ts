import { randomBytes } from 'node:crypto';
import { FlotillaError } from '@flotilla/core';
import { storageFull } from './map-error.ts';
import { baseName, joinPath, parentPath } from './paths.ts';
import { type Attrs, fileType } from './protocol/attrs.ts';
import { SftpStatusError, STATUS } from './protocol/codes.ts';
import type { Handle, SftpClient } from './protocol/sftp-client.ts';
import { absent, isDiskFull } from './status-meaning.ts';

const IN_FLIGHT = 8;

/**
 * Replaces a file at once: temporary name beside it, fsync, rename. A symlink stays and its target is
 * replaced. Owner, group and mode of an existing file are kept; DENIED when the login may not keep them, STORAGE_FULL when it
 * does not fit. Nothing is left behind by a failure.
 */
export async function writeAtomic(
  client: SftpClient,
  path: Uint8Array,
  content: Uint8Array,
  options: { alias: string; mode?: number; signal?: AbortSignal },
): Promise<void> {
  const target = await throughLink(client, path);
  const existing = await client.stat(target).catch(absent);
  if (existing && fileType(existing.mode) !== 'file') {
    throw new FlotillaError('INVALID_INPUT', 'The path is not a regular file, so it is not written.');
  }
  const suffix = `.${randomBytes(6).toString('hex')}.part`;
  const name = Buffer.concat([Buffer.from('.'), baseName(target).subarray(0, 200), Buffer.from(suffix)]);
  const temporary = joinPath(parentPath(target), name);
  const handle = await client.create(temporary, 0o600);
  let open = true;
  try {
    await writeAll(client, handle, content, options.signal);
    await keepOwner(client, handle, existing);
    await client.fsetstat(handle, { mode: existing?.mode ?? options.mode ?? 0o644 });
    await client.fsync(handle);
    open = false;
    await client.close(handle);
    options.signal?.throwIfAborted();
    await replace(client, temporary, target);
  } catch (error) {
    // Asked before the temporary file is gone: removing it frees the space.
    const full = await isDiskFull(error, client, parentPath(target));
    if (open) await client.close(handle).catch(() => {});
    await client.remove(temporary).catch(() => {});
    throw full ? storageFull({ alias: options.alias, path, doing: 'Writing' }, error) : error;
  }
}

async function writeAll(
  client: SftpClient,
  handle: Handle,
  content: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  const data = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const step = client.limits.writeLength;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < data.length) {
      signal?.throwIfAborted();
      const start = next;
      next += step;
      await client.write(handle, start, data.subarray(start, start + step));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function keepOwner(client: SftpClient, handle: Handle, existing: Attrs | undefined): Promise<void> {
  if (existing?.uid === undefined || existing.gid === undefined) return;
  const made = await client.fstat(handle);
  if (made.uid === existing.uid && made.gid === existing.gid) return;
  try {
    await client.fsetstat(handle, { uid: existing.uid, gid: existing.gid });
  } catch (error) {
    if (!(error instanceof SftpStatusError)) throw error;
    throw new FlotillaError(
      'DENIED',
      'The file belongs to someone else and the login user cannot keep that.',
      {
        details: { uid: existing.uid, gid: existing.gid },
        hint: 'Write it as its owner, or with task_exec and sudo.',
      },
    );
  }
}

/** Renames over an existing target; where the server cannot, the old file steps aside first. */
export async function replace(client: SftpClient, from: Uint8Array, to: Uint8Array): Promise<void> {
  try {
    return await client.rename(from, to);
  } catch (error) {
    const blocked = error instanceof SftpStatusError && error.status === STATUS.FAILURE;
    if (!blocked || client.has('posix-rename@openssh.com')) throw error;
    const aside = Buffer.concat([Buffer.from(from), Buffer.from('.old')]);
    await client.rename(to, aside);
    try {
      await client.rename(from, to);
    } catch (second) {
      await client.rename(aside, to);
      throw second;
    }
    await client.remove(aside);
  }
}

async function throughLink(client: SftpClient, path: Uint8Array): Promise<Buffer> {
  const own = await client.lstat(path).catch(absent);
  if (own === undefined || fileType(own.mode) !== 'symlink') return Buffer.from(path);
  return client.realpath(path);
}
