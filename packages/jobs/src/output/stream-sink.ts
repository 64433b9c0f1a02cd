import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { CapturedOutput, Redactor } from '@flotilla/core';
import { headAndTail } from './head-and-tail.ts';

export interface SinkOptions {
  /** Where the stream is kept when it is long or lasts; its folder is made when needed. */
  file: string;
  redactor: Redactor | undefined;
  /** Nothing was ever stored of this stream. */
  fresh?: boolean;
  /** Up to this many bytes stay in memory for `flushAfterMs`. */
  memoryBytes: number;
  flushAfterMs?: number;
  /** Gets the masked text as it is decided. */
  onText?: (text: string) => void;
}

type Masker = ReturnType<Redactor['stream']>;
const IDENTITY: Masker = { push: (chunk) => chunk, end: () => '' };

/**
 * Takes the raw bytes of one stream from its host and keeps them as masked UTF-8 text. A short stream that
 * ends soon never touches the disk. After a restart it says from which raw byte it wants to go on.
 */
export class StreamSink {
  readonly #options: SinkOptions;
  readonly #decoder = new StringDecoder('utf8');
  readonly #masker: Masker;
  /** Raw bytes taken that have not come out of the masker; undefined once stored and raw text differ. */
  #undecided: Buffer | undefined = Buffer.alloc(0);
  /** Stored bytes that a replay from the stream's start must not store again. */
  #skip = 0;
  #received = 0;
  #unwritten: Buffer[] = [];
  #unwrittenBytes = 0;
  #written = 0;
  #fd: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;
  #marked = false;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#masker = options.redactor?.stream() ?? IDENTITY;
    if (options.fresh || !existsSync(options.file)) return;
    this.#written = statSync(options.file).size;
    if (existsSync(maskedMark(options.file))) {
      this.#skip = this.#written;
      this.#undecided = undefined;
    } else {
      this.#received = this.#written;
    }
  }

  /** The raw byte that is wanted next. */
  get received(): number {
    return this.#received;
  }

  /** Bytes of stored text so far. */
  get size(): number {
    return this.#written + this.#unwrittenBytes;
  }

  /** Throws the file system's error when the disk is full; nothing is lost, `flush` tries again. */
  push(offset: number, chunk: Uint8Array): void {
    const known = Math.max(0, this.#received - offset);
    if (known >= chunk.length || this.#ended) return;
    const fresh = Buffer.from(chunk.subarray(known));
    this.#received = offset + chunk.length;
    this.#keep(fresh, this.#masker.push(this.#decoder.write(fresh)));
  }

  /** No more comes. Throws as `push` does, and may then be called again. */
  end(): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#keep(Buffer.alloc(0), this.#masker.push(this.#decoder.end()) + this.#masker.end());
    }
    if (this.#written > 0) this.flush();
    else this.flushBacklog();
    clearTimeout(this.#timer);
  }

  /** Writes what a full disk held back, before more is asked for. */
  flushBacklog(): void {
    if (this.#fd !== undefined || this.#unwrittenBytes > this.#options.memoryBytes) this.flush();
  }

  /** Moves what is in memory to the file. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#unwritten.length > 0) {
      const block = Buffer.concat(this.#unwritten);
      this.#unwritten = [block];
      if (!this.#undecided) this.#markMasked();
      this.#fd ??= openPrivate(this.#options.file, 'a');
      const bytes = writeSync(this.#fd, block);
      this.#written += bytes;
      this.#unwrittenBytes -= bytes;
      this.#unwritten = bytes === block.length ? [] : [block.subarray(bytes)];
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Head and tail of the stored text, cut at character borders. */
  captured(limit: number): CapturedOutput {
    const bytes = this.size;
    if (this.#written === 0) {
      return headAndTail(bytes, limit, (from, length) =>
        Buffer.concat(this.#unwritten).subarray(from, from + length),
      );
    }
    this.flush();
    return headAndTail(bytes, limit, (from, length) => readRange(this.#options.file, from, length));
  }

  #keep(raw: Buffer, text: string): void {
    let out = Buffer.from(text, 'utf8');
    if (this.#undecided) {
      const pending = Buffer.concat([this.#undecided, raw]);
      const unchanged = out.length <= pending.length && pending.subarray(0, out.length).equals(out);
      this.#undecided = unchanged ? pending.subarray(out.length) : undefined;
    }
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, out.length);
      this.#skip -= skipped;
      out = out.subarray(skipped);
    }
    if (out.length === 0) return;
    this.#options.onText?.(out.toString('utf8'));
    this.#unwritten.push(out);
    this.#unwrittenBytes += out.length;
    if (this.#fd !== undefined || this.size > this.#options.memoryBytes) this.flush();
    else if (!this.#ended) this.#flushSoon();
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => {
      try {
        this.flush();
      } catch {
        // The disk is full: the next push or flush says so to its caller.
      }
    }, this.#options.flushAfterMs ?? 150).unref();
  }

  /** Before a masked byte is stored: from now on a restart has to replay the stream from its first byte. */
  #markMasked(): void {
    if (this.#marked) return;
    mkdirSync(dirname(this.#options.file), { recursive: true, mode: 0o700 });
    writeFileSync(maskedMark(this.#options.file), '', { mode: 0o600 });
    this.#marked = true;
  }
}

const maskedMark = (file: string): string => `${file}.masked`;

function openPrivate(file: string, flags: string): number {
  try {
    return openSync(file, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    return openSync(file, flags, 0o600);
  }
}

export function readRange(file: string, from: number, length: number): Buffer {
  const fd = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(fd, buffer, 0, length, from));
  } finally {
    closeSync(fd);
  }
}
