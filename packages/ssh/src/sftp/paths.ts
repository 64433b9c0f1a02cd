import type { RemotePath } from '@flotilla/core';

/**
 * Names on Linux are bytes. In text, a path is its UTF-8; a path that is not UTF-8 is written as
 * `bytes:` and percent-encoded, which every path argument accepts as well.
 */
const MARK = 'bytes:';
const SLASH = 0x2f;
const strict = new TextDecoder('utf-8', { fatal: true });

export function pathBytes(path: RemotePath): Buffer {
  if (typeof path !== 'string') return Buffer.from(path);
  if (!path.startsWith(MARK)) return Buffer.from(path);
  const parts: Buffer[] = [];
  for (const part of path.slice(MARK.length).split(/(%[0-9A-Fa-f]{2})/)) {
    parts.push(/^%[0-9A-Fa-f]{2}$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part));
  }
  return Buffer.concat(parts);
}

export function pathText(path: Uint8Array): string {
  try {
    const text = strict.decode(path);
    if (!text.startsWith(MARK)) return text;
  } catch {
    // not UTF-8
  }
  return (
    MARK +
    Buffer.from(path)
      .toString('latin1')
      .replace(/[^A-Za-z0-9/._~-]/g, percent)
  );
}

const percent = (character: string): string =>
  `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;

export function joinPath(folder: Uint8Array, name: Uint8Array | string): Buffer {
  const tail = typeof name === 'string' ? Buffer.from(name) : name;
  if (folder.length === 0) return Buffer.from(tail);
  const parts = folder[folder.length - 1] === SLASH ? [folder, tail] : [folder, Buffer.from('/'), tail];
  return Buffer.concat(parts);
}

/** Without trailing slashes; `/` stays. */
export function trimSlashes(path: Uint8Array): Buffer {
  let end = path.length;
  while (end > 1 && path[end - 1] === SLASH) end--;
  return Buffer.from(path.subarray(0, end));
}

export function parentPath(path: Uint8Array): Buffer {
  const trimmed = trimSlashes(path);
  const at = trimmed.lastIndexOf(SLASH);
  if (at < 0) return Buffer.from('.');
  return at === 0 ? Buffer.from('/') : trimSlashes(trimmed.subarray(0, at));
}

export function baseName(path: Uint8Array): Buffer {
  const trimmed = trimSlashes(path);
  return Buffer.from(trimmed.subarray(trimmed.lastIndexOf(SLASH) + 1));
}

/** A name that a directory listing may hold: one component, never `.` or `..`. */
export function isPlainName(name: Uint8Array): boolean {
  if (name.length === 0 || name.length > 255 || name.includes(SLASH) || name.includes(0)) return false;
  const text = Buffer.from(name).toString('latin1');
  return text !== '.' && text !== '..';
}
