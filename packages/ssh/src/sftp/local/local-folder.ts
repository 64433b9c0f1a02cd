import { constants, existsSync } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readlink, realpath } from 'node:fs/promises';
import { posix } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { localError } from './local-error.ts';
import { type BytePath, type LocalRoots, type Purpose, toBytes, toText } from './local-roots.ts';

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const PROC_FD = '/proc/self/fd';
const hasProc = existsSync(PROC_FD);

/**
 * A folder held open, so that a symlink swapped in later cannot redirect what is done in it: names are
 * reached through the open descriptor (`/proc/self/fd/N/name`, as openat would). Where the platform has
 * no such path, the real path is used, checked when the folder was opened.
 */
export class LocalFolder {
  readonly path: BytePath;
  private readonly roots: LocalRoots;
  private readonly handle: FileHandle;
  private readonly prefix: string;

  private constructor(roots: LocalRoots, path: BytePath, handle: FileHandle) {
    this.roots = roots;
    this.path = path;
    this.handle = handle;
    this.prefix = hasProc ? `${PROC_FD}/${handle.fd}` : path;
  }

  /** `real` must come from LocalRoots.locate; NOT_FOUND when it does not exist, DENIED when it changed since. */
  static async open(roots: LocalRoots, real: BytePath, purpose: Purpose): Promise<LocalFolder> {
    roots.check(real, purpose);
    const handle = await openFolder(toBytes(real), real);
    const now = hasProc
      ? await readlink(`${PROC_FD}/${handle.fd}`, { encoding: 'buffer' })
      : await realpath(toBytes(real), { encoding: 'buffer' });
    if (now.toString('latin1') === real) return new LocalFolder(roots, real, handle);
    await handle.close();
    throw new FlotillaError('DENIED', 'A local folder was replaced while it was being opened.', {
      details: { path: toText(real) },
    });
  }

  /** Opens a folder and makes what is missing of it, below the part that exists. */
  static async make(roots: LocalRoots, real: BytePath): Promise<LocalFolder> {
    roots.check(real, 'write');
    const missing: string[] = [];
    let existing = real;
    while (!(await exists(existing))) {
      missing.unshift(posix.basename(existing));
      existing = posix.dirname(existing);
    }
    if (missing.length === 0) return LocalFolder.open(roots, real, 'write');
    // What exists above the missing part is inside a root, or is what holds a root that is missing itself.
    let folder = await LocalFolder.open(roots, existing, 'write');
    for (const name of missing) {
      const next = await folder.makeChild(name);
      await folder.close();
      folder = next;
    }
    return folder;
  }

  /** The path of a direct child for fs calls, without following a symlink on the way to it. */
  at(name: BytePath): Buffer {
    return toBytes(`${this.prefix}/${name}`);
  }

  /** The open folder itself. */
  get self(): Buffer {
    return toBytes(`${this.prefix}/.`);
  }

  async child(name: BytePath, purpose: Purpose): Promise<LocalFolder> {
    const path = posix.join(this.path, name);
    this.roots.check(path, purpose);
    return new LocalFolder(this.roots, path, await openFolder(this.at(name), path));
  }

  async makeChild(name: BytePath, mode = 0o777): Promise<LocalFolder> {
    const path = posix.join(this.path, name);
    this.roots.check(path, 'write');
    try {
      await mkdir(this.at(name), { mode });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw localError(error, path, 'Making the folder');
    }
    return this.child(name, 'write');
  }

  /** A regular file for reading; a symlink, pipe or device is refused. */
  async openFile(name: BytePath): Promise<FileHandle> {
    const path = posix.join(this.path, name);
    this.roots.check(path, 'read');
    try {
      const handle = await open(this.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      if ((await handle.stat()).isFile()) return handle;
      await handle.close();
    } catch (error) {
      throw localError(error, path, 'Reading');
    }
    throw new FlotillaError('INVALID_INPUT', 'It is not a regular file.', {
      details: { path: toText(path) },
    });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

async function openFolder(path: Buffer, shown: BytePath): Promise<FileHandle> {
  try {
    return await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    throw localError(error, shown, 'Opening the folder');
  }
}

async function exists(path: BytePath): Promise<boolean> {
  try {
    await lstat(toBytes(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw localError(error, path, 'Looking at');
  }
}
