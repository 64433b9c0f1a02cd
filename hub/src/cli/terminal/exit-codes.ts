import type { ErrorCode } from '@flotilla/core';

export const EXIT = { ok: 0, failed: 1, usage: 2, denied: 3, notFound: 4, interrupted: 130 } as const;

/** Failures of `flotilla exec` itself, as with ssh: every other code is the remote command's. */
export const EXEC_FAILED = 255;

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'INVALID_INPUT':
      return EXIT.usage;
    case 'DENIED':
    case 'APPROVAL_REQUIRED':
      return EXIT.denied;
    case 'NOT_FOUND':
      return EXIT.notFound;
    default:
      return EXIT.failed;
  }
}
