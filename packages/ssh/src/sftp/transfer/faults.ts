import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { pathText } from '../paths.ts';
import { SftpClosedError } from '../protocol/codes.ts';

const FATAL = new Set(['CONNECTION_FAILED', 'AUTH_FAILED', 'HOST_KEY_MISMATCH', 'CANCELLED', 'QUEUE_FULL']);

/** Whether nothing more can be transferred after this, as opposed to one file that cannot. */
export function isFatal(error: unknown): boolean {
  if (error instanceof SftpClosedError) return true;
  if (!isFlotillaError(error)) return error instanceof Error && error.name === 'AbortError';
  return FATAL.has(error.code) || error.details['cause'] === 'disk_full';
}

/** The disk of the receiving side. Ends the whole transfer: what comes next would not fit either. */
export function diskFull(where: string, path: string, cause: unknown): FlotillaError {
  return new FlotillaError('TRANSFER_FAILED', `The disk of ${where} is full.`, {
    details: { path, cause: 'disk_full' },
    hint: 'Free space there, then start it again. The unfinished file was removed.',
    cause,
  });
}

export const changedMeanwhile = (): FlotillaError =>
  new FlotillaError('TRANSFER_FAILED', 'The source changed while it was being read.', {
    details: { cause: 'source_changed' },
    hint: 'Start it again, or copy the file first if something keeps writing to it.',
  });

export const notTheSame = (): FlotillaError =>
  new FlotillaError('TRANSFER_FAILED', 'The checksums of source and copy differ; the copy was removed.', {
    details: { cause: 'checksum' },
    hint: 'Start it again. If it happens again, check disk and memory of both ends.',
  });

export const folderInTheWay = (path?: Uint8Array): FlotillaError =>
  new FlotillaError('ALREADY_EXISTS', 'A folder is in the way of the file.', {
    ...(path && { details: { path: pathText(path) } }),
    hint: 'End the target with / to put the file into the folder, or choose another name.',
  });
