import { baseName, pathBytes } from '../paths.ts';

/** Whether the person named a folder to put things into, rather than the copy itself. */
export const namesFolder = (path: string): boolean => {
  const text = path.startsWith('bytes:') ? path.slice(6) : path;
  return text === '' || text.endsWith('/') || text === '.' || text === '~' || text.endsWith('/.');
};

/** Whether a source is meant as what it holds rather than as itself, as rsync reads a slash at the end. */
export const meansContents = (path: string): boolean => /(^|\/)\.?\/?$/.test(path) && path !== '';

/** The last name of a path as it was given; undefined where it has none (`/`, `.`, `..`, `~`). */
export function givenName(path: string): Buffer | undefined {
  const name = baseName(pathBytes(path));
  const text = name.toString('latin1');
  return text === '' || text === '.' || text === '..' || text === '~' ? undefined : name;
}
