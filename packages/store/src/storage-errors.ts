import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { sqliteCode } from './sqlite-code.ts';

/** Turns an SQLite or file-system failure into the error a client can act on; leaves others as they are. */
export function storageError(error: unknown, file: string): unknown {
  if (isFlotillaError(error)) return error;
  const code = sqliteCode(error);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code.startsWith('SQLITE_IOERR')) {
    return new FlotillaError(
      'STORAGE_FULL',
      'The state could not be written: the disk of the data folder is full or failing.',
      {
        details: { file, sqlite: code },
        cause: error,
      },
    );
  }
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return brokenFile(file, code, error);
  if (/^(?:SQLITE_(?:READONLY|CANTOPEN)|EACCES|EPERM|EROFS|EEXIST|EISDIR|ENOTDIR|ELOOP)/.test(code)) {
    return new FlotillaError('STORAGE_FULL', `The state file cannot be opened for writing: ${file}`, {
      details: { file, sqlite: code },
      hint: 'It must be a file of the user who runs Flotilla, on a file system mounted read-write.',
      cause: error,
    });
  }
  return error;
}

export function brokenFile(file: string, reason: string, cause?: unknown): FlotillaError {
  return new FlotillaError(
    'INTERNAL',
    `The state file is damaged: ${file} (${reason}). Nothing was changed.`,
    {
      details: { file, reason },
      hint: `Stop every flotilla process, copy the file aside, then restore a backup from the folder "backups" beside it, or recover with: sqlite3 ${file} .recover`,
      cause,
    },
  );
}
