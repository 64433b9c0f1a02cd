import type { Range } from './ranges.ts';

/** Shorter files are sent again rather than compared. */
export const RESUMABLE = 1024 * 1024;
/** What can be under way behind a hole when a connection breaks: lanes × requests × length, with room to spare. */
const IN_FLIGHT = 32 * 1024 * 1024;

/**
 * Finds how much of an unfinished file is right by comparing checksums of its beginning on both ends: all of
 * it, all but what was in flight, half of that. 0 when none is.
 */
export async function verifiedPrefix(
  partSize: number,
  size: number,
  same: (length: number) => Promise<boolean>,
): Promise<number> {
  const whole = Math.min(partSize, size);
  const tries = [whole, whole - IN_FLIGHT, Math.floor((whole - IN_FLIGHT) / 2)];
  for (const length of tries) if (length >= RESUMABLE && (await same(length))) return length;
  return 0;
}

export interface FileResult {
  bytes: number;
  resumedBytes: number;
  sha256: string | undefined;
  /** The sums of both ends were compared. */
  verified: boolean;
}

export type OnBytes = (range: Range | { length: number }) => void;
