import { mkdir, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { posix } from 'node:path';
import { FlotillaError, type LocalAccess } from '@flotilla/core';
import { visible } from '../map-error.ts';
import { pathBytes, pathText } from '../paths.ts';
import { refusedName } from './refused-names.ts';

export type Purpose = 'read' | 'write';

/**
 * Local paths in this folder are latin1 strings: one character per byte, so that any name survives and
 * `node:path` can be used. `toText` gives the form that people see.
 */
export type BytePath = string;

export const toBytes = (path: BytePath): Buffer => Buffer.from(path, 'latin1');
export const toText = (path: BytePath): string => pathText(toBytes(path));
export const fromText = (path: string): BytePath => pathBytes(path).toString('latin1');

export const isInside = (path: BytePath, folder: BytePath): boolean =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

/** The allowed folders with every symlink resolved. Decides about real paths only. */
export class LocalRoots {
  readonly shown: readonly string[];
  private readonly roots: readonly BytePath[];
  private readonly dataDir: BytePath;
  private readonly base: BytePath;

  private constructor(shown: readonly string[], roots: readonly BytePath[], dataDir: BytePath) {
    this.shown = shown;
    this.roots = roots;
    this.dataDir = dataDir;
    this.base = fromText(shown[0] ?? '/');
  }

  static async of(access: LocalAccess): Promise<LocalRoots> {
    const dataDir = await realOrSelf(posix.normalize(fromText(access.dataDir)));
    const roots: BytePath[] = [];
    for (const root of access.roots) {
      const path = posix.normalize(fromText(root)).replace(/(.)\/+$/, '$1');
      // The default root is ours to make; a configured one that is missing is not.
      if (isInside(path, fromText(access.dataDir)))
        await mkdir(toBytes(path), { recursive: true, mode: 0o700 });
      roots.push(await realOrSelf(path));
    }
    return new LocalRoots(access.roots, roots, dataDir);
  }

  /** Lexical: `~` is this user's home, relative paths start at the first root. */
  absolute(path: string): BytePath {
    const bytes = fromText(path);
    if (bytes === '') throw new FlotillaError('INVALID_INPUT', 'The local path is empty.');
    if (bytes.includes('\0')) throw new FlotillaError('INVALID_INPUT', 'The local path holds a NUL byte.');
    if (bytes === '~' || bytes.startsWith('~/')) return posix.join(fromText(homedir()), bytes.slice(1));
    return posix.resolve(this.base, bytes);
  }

  /** The real path of what exists, with what does not exist yet behind it. DENIED when it is not allowed. */
  async locate(path: string, purpose: Purpose): Promise<BytePath> {
    const wanted = this.absolute(path);
    let existing = wanted;
    const missing: string[] = [];
    for (;;) {
      try {
        const real = (await realpath(toBytes(existing), { encoding: 'buffer' })).toString('latin1');
        const found = missing.length === 0 ? real : posix.join(real, ...missing);
        this.check(found, purpose, wanted);
        return found;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code !== 'ENOENT' && code !== 'ENOTDIR') throw this.denied(wanted, error);
        missing.unshift(posix.basename(existing));
        existing = posix.dirname(existing);
      }
    }
  }

  /** Throws DENIED unless the real path is in a root, not in the data folder, and (to write) has no refused name. */
  check(real: BytePath, purpose: Purpose, asked: BytePath = real): void {
    const files = posix.join(this.dataDir, 'files');
    if (!this.roots.some((root) => isInside(real, root))) throw this.denied(asked);
    if (isInside(real, this.dataDir) && !isInside(real, files)) throw this.denied(asked);
    const refused = purpose === 'write' ? refusedName(real) : undefined;
    if (refused !== undefined) {
      throw new FlotillaError(
        'DENIED',
        `Writing ${visible(toText(asked))} is refused: ${refused} can make other programs run what is in it.`,
        {
          details: { path: toText(asked), refused: toText(refused), roots: this.shown },
          hint: 'Transfer it under another name; a person can then move it there.',
        },
      );
    }
  }

  /** Whether a folder met on the way is the data folder (never entered) or holds it. */
  isForbidden(real: BytePath): boolean {
    return isInside(real, this.dataDir) && !isInside(real, posix.join(this.dataDir, 'files'));
  }

  private denied(path: BytePath, cause?: unknown): FlotillaError {
    if (cause instanceof FlotillaError) return cause;
    return new FlotillaError(
      'DENIED',
      `The local path ${visible(toText(path))} is not in an allowed folder.`,
      {
        details: { path: toText(path), roots: this.shown },
        hint: `Allowed: ${this.shown.join(', ')}. A person changes that with localRoots in the config file, or FLOTILLA_LOCAL_ROOTS.`,
        cause,
      },
    );
  }
}

async function realOrSelf(path: BytePath): Promise<BytePath> {
  try {
    return (await realpath(toBytes(path), { encoding: 'buffer' })).toString('latin1');
  } catch {
    return path;
  }
}
