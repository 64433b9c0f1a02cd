import { FlotillaError, type RemoteFiles } from '@flotilla/core';

/**
 * The absolute path of something, with the symlinks of its parents resolved but not its own: what a removal
 * would hit. INVALID_INPUT for a path that ends in `.` or `..`.
 */
export async function canonicalPath(files: RemoteFiles, path: string): Promise<string> {
  const raw = path.startsWith('bytes:');
  const plain = (raw ? path.slice(6) : path).replace(/(.)\/+$/, '$1');
  if (plain === '/') return '/';
  const name = plain.slice(plain.lastIndexOf('/') + 1);
  if (plain === '~') return files.realpath('~');
  const dots = name.replaceAll(/%2e/gi, '.');
  if (dots === '.' || dots === '..') {
    throw new FlotillaError('INVALID_INPUT', 'The path ends in . or ..; name the folder itself.');
  }
  const at = plain.lastIndexOf('/');
  const parent = at < 0 ? '.' : at === 0 ? '/' : plain.slice(0, at);
  const real = await files.realpath(raw ? `bytes:${parent}` : parent);
  return joinText(real, name, raw);
}

function joinText(parent: string, name: string, nameIsRaw: boolean): string {
  const parentIsRaw = parent.startsWith('bytes:');
  const slash = parent.endsWith('/') ? '' : '/';
  if (parentIsRaw === nameIsRaw) return `${parent}${slash}${name}`;
  const encode = (text: string): string => encodeURIComponent(text).replaceAll('%2F', '/');
  return parentIsRaw ? `${parent}${slash}${encode(name)}` : `bytes:${encode(parent)}${slash}${name}`;
}
