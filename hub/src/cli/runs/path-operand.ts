import { isAbsolute, resolve, sep } from 'node:path';

/** One side of `flotilla cp`. */
export type Operand = { side: 'local'; path: string } | { side: 'remote'; alias: string; path: string };

/** `host:path` as scp reads it: a colon before the first slash. `./a:b` is a local path. */
export function parseOperand(word: string): Operand {
  const [, alias, path] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,62}):(.*)$/s.exec(word) ?? [];
  if (alias === undefined || path === undefined) return { side: 'local', path: word };
  return { side: 'remote', alias, path: path === '' ? './' : path };
}

/** Absolute; a slash at the end keeps its meaning. */
export function localPath(path: string, cwd: string): string {
  const absolute = isAbsolute(path) ? path : resolve(cwd, path);
  const folder = path.endsWith(sep) || path === '.' || path === '..' || /\/\.{1,2}$/.test(path);
  return folder && !absolute.endsWith(sep) ? `${absolute}${sep}` : absolute;
}

/** The deepest folder that a path or pattern surely lies in. */
export function folderOf(path: string): string {
  const fixed = path.split(/[*?{[]/)[0] ?? '';
  const folder = fixed.slice(0, Math.max(fixed.lastIndexOf(sep), 0));
  return folder === '' ? sep : folder;
}
