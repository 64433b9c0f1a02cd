import { quote } from '@flotilla/ssh';

/** A path of a caller as one shell word: `~` and `~/…` start at the home of the login. */
export function pathWord(path: string): string {
  if (path === '~') return '"$HOME"';
  return path.startsWith('~/') ? `"$HOME"/${quote(path.slice(2))}` : quote(path);
}

/** Where a path's folder ends; of `a/b/` that is `a`. */
export function splitPath(path: string): { folder: string; name: string } {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const at = trimmed.lastIndexOf('/');
  if (at === -1) return { folder: '.', name: trimmed };
  return { folder: trimmed.slice(0, at) || '/', name: trimmed.slice(at + 1) };
}
