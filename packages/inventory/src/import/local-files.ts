import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { FlotillaError } from '@flotilla/core';
import type { ImportFiles } from './plan.ts';

const MOST_BYTES = 16 * 2 ** 20;

export function localFiles(homedir: string, localUser: string): ImportFiles {
  return {
    homedir,
    localUser,
    exists: existsSync,
    glob: (pattern) => globSync(pattern).sort(),
    read(file) {
      try {
        if (statSync(file).size > MOST_BYTES) throw unreadable(file, 'it is larger than 16 MiB');
        return readFileSync(file, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error instanceof FlotillaError ? error : unreadable(file, 'it cannot be read', error);
      }
    },
  };
}

const unreadable = (file: string, why: string, cause?: unknown): FlotillaError =>
  new FlotillaError('INVALID_INPUT', `${file} is not imported: ${why}.`, { details: { file }, cause });
