import { isAbsolute, resolve, sep } from 'node:path';
import { FlotillaError } from '../errors.ts';

/** `~/x` and absolute paths; a relative one would depend on the working folder. */
export function absolutePath(path: string, homedir: string, what: string): string {
  if (path === '~' || path.startsWith('~/')) return resolve(homedir, `.${path.slice(1)}`);
  if (!isAbsolute(path))
    throw new FlotillaError(
      'INVALID_INPUT',
      `${what} must be an absolute path or start with ~/, not ${path}.`,
    );
  return resolve(path);
}

const within = (path: string, folder: string) => path === folder || path.startsWith(`${folder}${sep}`);

/** Local roots may hold the data folder, whose files stay refused, but not be a part of it except `files`. */
export function checkRoots(roots: readonly string[], dataDir: string): readonly string[] {
  const files = resolve(dataDir, 'files');
  for (const root of roots)
    if (within(root, dataDir) && !within(root, files))
      throw new FlotillaError('INVALID_INPUT', `The local root ${root} lies in the data folder.`, {
        hint: `Only ${files} of it can be a root.`,
      });
  return roots;
}
