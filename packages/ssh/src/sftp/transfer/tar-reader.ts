import { FlotillaError } from '@flotilla/core';
import { BLOCK, checksum, padding, tarNumber, tarText } from './tar-format.ts';

export interface TarEntry {
  /** As the archive says it, bytes in latin1. Never used as a path: it is only looked up. */
  name: string;
  /** '0' = regular file. */
  type: string;
  size: number;
}

export interface TarSink {
  /** Whether the content is wanted. */
  wants(entry: TarEntry): boolean;
  /** The content is complete. It is only valid during the call. */
  entry(entry: TarEntry, content: Buffer): void;
}

const NOTHING = Buffer.alloc(0);
const MAX_NAME = 8192;
const MAX_META = 64 * 1024;

/**
 * Reads a tar stream from a host that may be hostile: sizes and names are bounded, checksums are checked, nothing
 * is written here. Regular files only; everything else is skipped.
 */
export class TarReader {
  private readonly sink: TarSink;
  private readonly header = Buffer.alloc(BLOCK);
  private filled = 0;
  private entry: TarEntry | undefined;
  private wanted = false;
  private content: Buffer = NOTHING;
  private got = 0;
  private skip = 0;
  private longName: string | undefined;
  private collecting: 'L' | 'x' | undefined;
  private bytesLeft: number;

  constructor(sink: TarSink, maxBytes: number) {
    this.sink = sink;
    this.bytesLeft = maxBytes;
  }

  push(chunk: Buffer): void {
    this.bytesLeft -= chunk.length;
    if (this.bytesLeft < 0) throw hostile('it is longer than what was asked for');
    for (let at = 0; at < chunk.length; ) {
      if (this.skip > 0) {
        const count = Math.min(this.skip, chunk.length - at);
        this.skip -= count;
        at += count;
      } else if (this.entry) at += this.take(chunk, at, this.entry);
      else {
        const count = Math.min(BLOCK - this.filled, chunk.length - at);
        chunk.copy(this.header, this.filled, at, at + count);
        this.filled += count;
        at += count;
        if (this.filled === BLOCK) this.readHeader();
      }
    }
  }

  private take(chunk: Buffer, at: number, entry: TarEntry): number {
    const count = Math.min(entry.size - this.got, chunk.length - at);
    if (this.wanted) {
      const piece = chunk.subarray(at, at + count);
      if (count === entry.size) this.content = piece;
      else {
        if (this.got === 0) this.content = Buffer.allocUnsafe(entry.size);
        this.content.set(piece, this.got);
      }
    }
    this.got += count;
    if (this.got === entry.size) this.finishEntry(entry);
    return count;
  }

  private readHeader(): void {
    this.filled = 0;
    // The end of an archive: another one may follow when the host made several.
    if (this.header.every((byte) => byte === 0)) return;
    if (tarNumber(this.header.subarray(148, 156)) !== checksum(this.header))
      throw hostile('a checksum is wrong');
    const size = tarNumber(this.header.subarray(124, 136));
    if (Number.isNaN(size)) throw hostile('a size is not a number');
    const type = String.fromCharCode(this.header[156] || 0x30);
    this.got = 0;
    if (type === 'L' || type === 'x') {
      if (size > MAX_META) throw hostile('a name is too long');
      this.collecting = type;
      this.wanted = true;
      this.entry = { name: '', type, size };
    } else {
      this.entry = { name: this.longName ?? this.plainName(), type, size };
      this.longName = undefined;
      if (this.entry.name.length > MAX_NAME) throw hostile('a name is too long');
      const regular = type === '0' || type === '7';
      // Links and the like have no content, whatever size they claim.
      if (!regular && '12346'.includes(type)) this.entry.size = 0;
      this.wanted = regular && this.sink.wants(this.entry);
    }
    if (this.entry.size === 0) this.finishEntry(this.entry);
  }

  private finishEntry(entry: TarEntry): void {
    const { content, collecting, wanted } = this;
    this.skip = padding(entry.size);
    this.entry = undefined;
    this.content = NOTHING;
    this.wanted = false;
    this.collecting = undefined;
    if (collecting === 'L') this.longName = tarText(content);
    else if (collecting === 'x') this.longName = paxPath(content) ?? this.longName;
    else if (wanted) this.sink.entry(entry, content);
  }

  private plainName(): string {
    const name = tarText(this.header.subarray(0, 100));
    const posix = this.header.toString('latin1', 257, 263) === 'ustar\0';
    const prefix = posix ? tarText(this.header.subarray(345, 500)) : '';
    return prefix === '' ? name : `${prefix}/${name}`;
  }
}

/** The `path` record of a pax header: `LENGTH path=VALUE\n`. */
function paxPath(content: Buffer): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < content.length; ) {
    const blank = content.indexOf(0x20, at);
    const length = Number(content.toString('latin1', at, blank < 0 ? at : blank));
    if (!Number.isInteger(length) || length <= 0 || at + length > content.length) return found;
    const record = content.toString('latin1', blank + 1, at + length - 1);
    if (record.startsWith('path=')) found = record.slice(5);
    at += length;
  }
  return found;
}

const hostile = (what: string): FlotillaError =>
  new FlotillaError('TRANSFER_FAILED', `The host sent an archive that is not right: ${what}.`, {
    details: { cause: 'bad_archive' },
  });
