import type { FileType } from '@flotilla/core';
import type { PacketReader } from './packet-reader.ts';
import type { PacketWriter } from './packet-writer.ts';

const FLAG = { SIZE: 1, UIDGID: 2, PERMISSIONS: 4, ACMODTIME: 8, EXTENDED: 0x80000000 } as const;

/** Attributes as the server gave them; absent ones were not sent. Times are whole seconds. */
export interface Attrs {
  size?: number;
  uid?: number;
  gid?: number;
  /** Type and permission bits, as st_mode. */
  mode?: number;
  atime?: number;
  mtime?: number;
}

export function readAttrs(reader: PacketReader): Attrs {
  const flags = reader.uint32();
  const attrs: Attrs = {};
  if (flags & FLAG.SIZE) attrs.size = reader.uint64();
  if (flags & FLAG.UIDGID) {
    attrs.uid = reader.uint32();
    attrs.gid = reader.uint32();
  }
  if (flags & FLAG.PERMISSIONS) attrs.mode = reader.uint32();
  if (flags & FLAG.ACMODTIME) {
    attrs.atime = reader.uint32();
    attrs.mtime = reader.uint32();
  }
  if (flags & FLAG.EXTENDED) {
    for (let left = reader.uint32(); left > 0; left--) {
      reader.bytes();
      reader.bytes();
    }
  }
  return attrs;
}

export function writeAttrs(writer: PacketWriter, attrs: Attrs): PacketWriter {
  const owner = attrs.uid !== undefined && attrs.gid !== undefined;
  const time = attrs.mtime !== undefined;
  writer.uint32(
    (attrs.size === undefined ? 0 : FLAG.SIZE) |
      (owner ? FLAG.UIDGID : 0) |
      (attrs.mode === undefined ? 0 : FLAG.PERMISSIONS) |
      (time ? FLAG.ACMODTIME : 0),
  );
  if (attrs.size !== undefined) writer.uint64(attrs.size);
  if (owner) writer.uint32(attrs.uid ?? 0).uint32(attrs.gid ?? 0);
  if (attrs.mode !== undefined) writer.uint32(attrs.mode & 0o7777);
  if (time) writer.uint32(attrs.atime ?? attrs.mtime ?? 0).uint32(attrs.mtime ?? 0);
  return writer;
}

const TYPES = new Map<number, FileType>([
  [0o140000, 'socket'],
  [0o120000, 'symlink'],
  [0o100000, 'file'],
  [0o060000, 'block'],
  [0o040000, 'directory'],
  [0o020000, 'character'],
  [0o010000, 'fifo'],
]);

export const fileType = (mode: number | undefined): FileType =>
  mode === undefined ? 'unknown' : (TYPES.get(mode & 0o170000) ?? 'unknown');
