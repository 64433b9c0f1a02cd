import { FlotillaError, isFlotillaError, listed, nearest } from '@flotilla/core';

/** Runs `work`; a 404 of the engine becomes NOT_FOUND with the nearest of the names that there are. */
export async function withNearest<T>(
  what: { alias: string; kind: string; wanted: string; lister: string },
  names: () => Promise<readonly string[]>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'NOT_FOUND' || error.details['status'] !== 404) throw error;
    const known = (await names().catch(() => [])).map((name) => name.slice(0, 255));
    const similar = nearest(what.wanted, known);
    throw new FlotillaError('NOT_FOUND', `${what.alias} has no such ${what.kind}.`, {
      details: {
        alias: what.alias,
        wanted: what.wanted,
        ...(similar !== undefined && { nearest: similar }),
        remote:
          similar === undefined
            ? error.details['remote']
            : `nearest: ${similar}; there are: ${listed(known)}`,
      },
      hint: `See ${what.lister}.`,
      cause: error,
    });
  }
}
