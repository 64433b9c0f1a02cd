import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { pathText } from './paths.ts';
import { SftpClosedError, SftpStatusError, STATUS } from './protocol/codes.ts';

export interface FileAction {
  alias: string;
  path: Uint8Array;
  /** What was tried, as a gerund: `Reading`. */
  doing: string;
}

/** A failed SFTP request in words of the closed table. The server's own text goes into `details.remote`. */
export function fileError(error: unknown, { alias, path, doing }: FileAction): FlotillaError {
  if (isFlotillaError(error)) return error;
  const shown = visible(pathText(path));
  const details = { alias, path: pathText(path) };
  if (error instanceof SftpStatusError) {
    const remote = { ...details, status: error.status, remote: error.remoteMessage };
    if (error.status === STATUS.NO_SUCH_FILE) {
      return new FlotillaError('NOT_FOUND', `${doing} ${shown} on ${alias}: no such file or folder.`, {
        details: remote,
        hint: 'Check the path; file_list shows what a folder holds.',
      });
    }
    if (error.status === STATUS.PERMISSION_DENIED) {
      return new FlotillaError('DENIED', `${doing} ${shown} on ${alias}: the login user may not.`, {
        details: remote,
        hint: 'Check owner and mode with file_stat, or register the host with a user who may.',
      });
    }
    if (error.status === STATUS.OP_UNSUPPORTED) {
      return new FlotillaError('UNSUPPORTED', `${doing} ${shown} on ${alias}: its SFTP server cannot.`, {
        details: remote,
      });
    }
    return new FlotillaError('TRANSFER_FAILED', `${doing} ${shown} on ${alias} failed.`, {
      details: remote,
      hint: 'The host gave no cause. Check the path, quota and file system there.',
      cause: error,
    });
  }
  const lost = error instanceof SftpClosedError;
  return new FlotillaError(
    lost ? 'CONNECTION_FAILED' : 'TRANSFER_FAILED',
    lost
      ? `${doing} ${shown} on ${alias}: the connection was lost.`
      : `${doing} ${shown} on ${alias} failed.`,
    { details: { ...details, cause: error instanceof Error ? error.message : String(error) }, cause: error },
  );
}

export function storageFull(action: FileAction, cause: unknown): FlotillaError {
  return new FlotillaError(
    'STORAGE_FULL',
    `${action.doing} ${visible(pathText(action.path))} on ${action.alias}: its disk is full.`,
    {
      details: { alias: action.alias, path: pathText(action.path) },
      hint: 'Free space on that file system of the host, then try again. Nothing was left half-written.',
      cause,
    },
  );
}

/** A path for a message: quoted when it holds anything but plain characters, and never long. */
export function visible(text: string): string {
  const short = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return /^[\w/.@:+%~-]+$/.test(short) ? short : JSON.stringify(short);
}
