import type { FileStat } from '@flotilla/core';
import { pathText } from './paths.ts';
import { type Attrs, fileType } from './protocol/attrs.ts';

export function fileStat(path: Uint8Array, attrs: Attrs, target?: Uint8Array): FileStat {
  return {
    path: pathText(path),
    type: fileType(attrs.mode),
    size: attrs.size ?? 0,
    mode: (attrs.mode ?? 0) & 0o7777,
    uid: attrs.uid ?? 0,
    gid: attrs.gid ?? 0,
    mtimeMs: (attrs.mtime ?? 0) * 1000,
    ...(target ? { target: pathText(target) } : {}),
  };
}
