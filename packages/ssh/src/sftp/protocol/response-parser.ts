import { FXP, SftpClosedError } from './codes.ts';

/** Larger packets are refused: OpenSSH's own limit is 256 KiB. */
const MAX_PACKET = 1024 * 1024;
const HEAD = 9;

export interface ResponseSink {
  /** Where the data of this READ answer is to go, if it is to be read without a copy. */
  target(id: number): Buffer | undefined;
  /** `body` follows the id (for VERSION: the version number is `id`). */
  packet(type: number, id: number, body: Buffer): void;
  /** `length` bytes of a READ answer are in its target. */
  data(id: number, length: number): void;
}

/** Cuts the byte stream of the server into responses; data of reads goes straight to its target. */
export class ResponseParser {
  private readonly sink: ResponseSink;
  private readonly head = Buffer.alloc(HEAD + 4);
  private headLength = 0;
  private type = 0;
  private id = 0;
  private into: Buffer | undefined;
  private body: Buffer = Buffer.alloc(0);
  private bodyLength = 0;
  private filled = 0;
  private wanted = HEAD;

  constructor(sink: ResponseSink) {
    this.sink = sink;
  }

  /** True when nothing refers to the chunk any more: all of it was copied. */
  push(chunk: Buffer): boolean {
    let at = 0;
    let copied = true;
    while (at < chunk.length) {
      if (this.headLength < this.wanted) {
        const count = Math.min(this.wanted - this.headLength, chunk.length - at);
        chunk.copy(this.head, this.headLength, at, at + count);
        this.headLength += count;
        at += count;
        if (this.headLength < this.wanted) return copied;
        this.readHead();
        if (this.headLength < this.wanted || this.bodyLength > 0) continue;
      }
      const count = Math.min(this.bodyLength - this.filled, chunk.length - at);
      if (this.into === undefined && count === this.bodyLength) {
        this.body = chunk.subarray(at, at + count);
        copied = false;
      } else {
        if (this.into === undefined && this.filled === 0) this.body = Buffer.allocUnsafe(this.bodyLength);
        chunk.copy(this.into ?? this.body, this.filled, at, at + count);
      }
      this.filled += count;
      at += count;
      if (this.filled === this.bodyLength) this.finish();
    }
    return copied;
  }

  private readHead(): void {
    const length = this.head.readUInt32BE(0);
    if (this.wanted === HEAD) {
      this.type = this.head[4] ?? 0;
      this.id = this.head.readUInt32BE(5);
      if (length < 5 || length > MAX_PACKET) {
        throw new SftpClosedError(`The server sent a packet of ${length} bytes`);
      }
      this.bodyLength = length - 5;
      this.filled = 0;
      this.into = this.type === FXP.DATA ? this.sink.target(this.id) : undefined;
      if (this.into) {
        this.wanted = HEAD + 4;
        return;
      }
      if (this.bodyLength === 0) this.finish();
      return;
    }
    this.bodyLength = this.head.readUInt32BE(HEAD);
    if (this.bodyLength !== length - 9 || this.bodyLength > (this.into?.length ?? 0)) {
      throw new SftpClosedError('The server sent more data than was asked for');
    }
    if (this.bodyLength === 0) this.finish();
  }

  private finish(): void {
    const { type, id, into, body, bodyLength } = this;
    this.headLength = 0;
    this.wanted = HEAD;
    this.bodyLength = 0;
    this.into = undefined;
    if (into) this.sink.data(id, bodyLength);
    else this.sink.packet(type, id, body);
  }
}
