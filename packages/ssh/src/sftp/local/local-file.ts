import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, lchown, lstat, open, rename, unlink } from 'node:fs/promises';
import { posix } from 'node:path';
import { FlotillaError, type LocalAccess } from '@flotilla/core';
import { localError } from './local-error.ts';
import { LocalFolder } from './local-folder.ts';
import { LocalRoots, toText } from './local-roots.ts';

export interface LocalContent {
  /** The real path, for people. */
  path: string;
  content: Buffer;
  size: number;
  mode: number;
  mtimeMs: number;
}

/** Reads a range of a file in the allowed folders; files that claim size 0 are read to their end. */
export async function readLocal(
  access: LocalAccess,
  path: string,
  range: { offset?: number; length: number },
): Promise<LocalContent> {
  const roots = await LocalRoots.of(access);
  const real = await roots.locate(path, 'read');
  const folder = await LocalFolder.open(roots, posix.dirname(real), 'read').catch((error) => {
    throw real === '/' ? new FlotillaError('INVALID_INPUT', 'It is a folder.') : error;
  });
  try {
    const file = await folder.openFile(posix.basename(real));
    try {
      const { size, mode, mtimeMs } = await file.stat();
      const content = await readFrom(file, range.offset ?? 0, size, range.length);
      return { path: toText(real), content, size, mode: mode & 0o7777, mtimeMs };
    } finally {
      await file.close();
    }
  } finally {
    await folder.close();
  }
}

async function readFrom(file: FileHandle, offset: number, size: number, length: number): Promise<Buffer> {
  const wanted = size > 0 ? Math.max(0, Math.min(length, size - offset)) : length;
  const content = Buffer.allocUnsafe(wanted);
  let got = 0;
  while (got < wanted) {
    const { bytesRead } = await file.read(content, got, wanted - got, offset + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return content.subarray(0, got);
}

/** Replaces a file in the allowed folders at once; owner and mode of an existing one are kept. */
export async function writeLocal(
  access: LocalAccess,
  path: string,
  content: Uint8Array,
  options: { createDirs?: boolean; mode?: number } = {},
): Promise<string> {
  const roots = await LocalRoots.of(access);
  const real = await roots.locate(path, 'write');
  const parent = posix.dirname(real);
  const folder = options.createDirs
    ? await LocalFolder.make(roots, parent)
    : await LocalFolder.open(roots, parent, 'write');
  const name = posix.basename(real);
  const part = `.${name.slice(0, 200)}.${randomBytes(6).toString('hex')}.part`;
  try {
    const existing = await lstat(folder.at(name)).catch(() => undefined);
    if (existing && !existing.isFile()) throw new FlotillaError('INVALID_INPUT', 'It is not a regular file.');
    const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    const file = await open(folder.at(part), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      await file.writeFile(content);
      await file.chmod(existing ? existing.mode & 0o7777 : (options.mode ?? 0o644));
      await file.sync();
    } finally {
      await file.close();
    }
    if (existing) await lchown(folder.at(part), existing.uid, existing.gid).catch(() => {});
    if (existing) await chmod(folder.at(part), existing.mode & 0o7777);
    await rename(folder.at(part), folder.at(name));
    return toText(real);
  } catch (error) {
    await unlink(folder.at(part)).catch(() => {});
    throw localError(error, real, 'Writing');
  } finally {
    await folder.close();
  }
}

export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
