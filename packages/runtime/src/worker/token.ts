import { readFile } from 'node:fs/promises';
import { FlotillaError } from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';

const SHORTEST = 16;

/** The token of a worker as it is in a file; a newline at its end does not count. INVALID_INPUT. */
export async function readToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new FlotillaError('INVALID_INPUT', `The token file ${file} cannot be read.`, {
      details: { file, cause: cause.code ?? '' },
    });
  });
  const token = text.trim();
  if (/^\S+$/.test(token) && token.length >= SHORTEST) return token;
  throw new FlotillaError('INVALID_INPUT', `${file} holds no token of ${SHORTEST} characters and more.`, {
    details: { file },
    hint: 'Make one: openssl rand -hex 32',
  });
}

/** What a worker shows its hub. INVALID_INPUT when it has nothing to show. */
export async function workerToken({ workers }: FlotillaConfig): Promise<string> {
  if (workers.token !== undefined && workers.token.length >= SHORTEST) return workers.token;
  if (workers.tokenFile !== undefined) return readToken(workers.tokenFile);
  throw new FlotillaError('INVALID_INPUT', 'This worker has no token to show its hub.', {
    hint: 'On the hub: flotilla worker token add NAME --lanes LANES. Here: FLOTILLA_WORKER_TOKEN or FLOTILLA_WORKER_TOKEN_FILE.',
  });
}
