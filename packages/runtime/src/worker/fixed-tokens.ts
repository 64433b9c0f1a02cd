import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FlotillaError, type ServerDefinition } from '@flotilla/core';
import type { WorkerGrant } from '@flotilla/workers';
import { readToken } from './token.ts';

/** Tokens of a folder: each file is named after one of our servers and holds the token of its workers. */
export interface FixedTokens {
  grants: ReadonlyMap<string, WorkerGrant>;
  /** The token of a lane, to call its worker with. */
  byLane: ReadonlyMap<string, string>;
}

/**
 * A lane whose server works in the background may have hosts at any time. Files of other names are left alone: the
 * folder may hold other secrets. INVALID_INPUT for one that cannot be read.
 */
export async function fixedTokens(
  folder: string | undefined,
  servers: readonly ServerDefinition[],
): Promise<FixedTokens> {
  const grants = new Map<string, WorkerGrant>();
  const byLane = new Map<string, string>();
  if (folder === undefined) return { grants, byLane };
  const names = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new FlotillaError('INVALID_INPUT', `The folder of worker tokens ${folder} cannot be read.`, {
      details: { folder, cause: cause.code ?? '' },
    });
  });
  for (const server of servers) {
    const { name } = server;
    if (!names.includes(name)) continue;
    const token = await readToken(join(folder, name));
    if (grants.has(token))
      throw new FlotillaError('INVALID_INPUT', `Two files of ${folder} hold the same token.`, {
        hint: 'Every server needs a token of its own.',
      });
    const standing = (server.background ?? []).length > 0;
    grants.set(token, { name: `file:${name}`, lanes: [name], labels: [], standing });
    byLane.set(name, token);
  }
  return { grants, byLane };
}
