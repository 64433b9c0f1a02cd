import { SftpClosedError } from './codes.ts';

/** Reads the fields of one packet's body. A field that runs past its end is a protocol error. */
export class PacketReader {
  private readonly body: Buffer;
  private at = 0;

  constructor(body: Buffer) {
    this.body = body;
  }

  get left(): number {
    return this.body.length - this.at;
  }

  uint32(): number {
    this.need(4);
    const value = this.body.readUInt32BE(this.at);
    this.at += 4;
    return value;
  }

  /** Values past 2^53 are clamped: no file system holds such a file, a hostile server may say so. */
  uint64(): number {
    const high = this.uint32();
    const low = this.uint32();
    return Math.min(high * 2 ** 32 + low, Number.MAX_SAFE_INTEGER);
  }

  bytes(): Buffer {
    const length = this.uint32();
    this.need(length);
    const value = this.body.subarray(this.at, this.at + length);
    this.at += length;
    return value;
  }

  private need(count: number): void {
    if (count > this.left) throw new SftpClosedError('The server sent a packet that is cut short');
  }
}
