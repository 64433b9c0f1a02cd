import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { FlotillaError } from '@flotilla/core';

/** The path of a private key as given, `~` for the home folder. INVALID_INPUT when it is not there or not absolute. */
export function privateKeyPath(given: string, homedir: string): string {
  const path = given.replace(/^~(?=\/)/, homedir);
  if (!isAbsolute(path)) {
    throw new FlotillaError('INVALID_INPUT', `keyPath has to be absolute or begin with ~/: ${given}`);
  }
  return resolve(path);
}

export function requireKey(path: string): void {
  if (!existsSync(path)) {
    throw new FlotillaError('INVALID_INPUT', `There is no key at ${path} on this machine.`, {
      details: { keyPath: path },
      hint: 'Give the path of a private key (not the .pub file), or a password, or agent: true.',
    });
  }
}

/** The key that ssh would use by itself, the modern kinds first; undefined when there is none. */
export const usualKey = (homedir: string): string | undefined =>
  ['id_ed25519', 'id_ecdsa', 'id_rsa']
    .map((name) => join(homedir, '.ssh', name))
    .find((path) => existsSync(path));

/** Whether a key lies in `~/.ssh`, also behind symbolic links. */
export function isInSshFolder(path: string, homedir: string): boolean {
  const folder = join(homedir, '.ssh');
  return isBelow(path, folder) && isBelow(real(path), real(folder));
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(folder + sep);

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
