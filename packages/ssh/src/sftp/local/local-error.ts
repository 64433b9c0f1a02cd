import { type ErrorCode, FlotillaError, isFlotillaError } from '@flotilla/core';
import { visible } from '../map-error.ts';
import { type BytePath, toText } from './local-roots.ts';

const CODES: Record<string, [ErrorCode, string]> = {
  ENOENT: ['NOT_FOUND', 'no such file or folder'],
  ENOTDIR: ['NOT_FOUND', 'a part of the path is not a folder, or is a symlink'],
  EACCES: ['DENIED', 'this user may not'],
  EPERM: ['DENIED', 'this user may not'],
  EROFS: ['DENIED', 'the file system is read-only'],
  ELOOP: ['DENIED', 'it is a symlink'],
  EEXIST: ['ALREADY_EXISTS', 'it exists'],
  EISDIR: ['INVALID_INPUT', 'it is a folder'],
  ENOTEMPTY: ['CONFLICT', 'the folder is not empty'],
  ENAMETOOLONG: ['INVALID_INPUT', 'the name is too long'],
  ENOSPC: ['STORAGE_FULL', "the disk of Flotilla's own machine is full"],
  EDQUOT: ['STORAGE_FULL', "the disk quota on Flotilla's own machine is used up"],
  ENXIO: ['INVALID_INPUT', 'it is not a regular file'],
};

/** A failed file operation on the hub's own machine, in words of the closed table. */
export function localError(error: unknown, path: BytePath, doing: string): FlotillaError {
  if (isFlotillaError(error)) return error;
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  const [code, words] = CODES[errno] ?? ['TRANSFER_FAILED', 'it failed'];
  const hint = code === 'DENIED' ? 'Check owner and mode of the file on this machine.' : undefined;
  return new FlotillaError(code, `${doing} the local ${visible(toText(path))}: ${words}.`, {
    details: { path: toText(path), ...(errno ? { errno } : {}) },
    ...(hint ? { hint } : {}),
    cause: error,
  });
}
