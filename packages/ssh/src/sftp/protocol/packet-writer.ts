/** Builds one SFTP packet: length, type, then fields in the order of the calls. Grows as needed. */
export class PacketWriter {
  private buffer: Buffer;
  private end = 5;

  constructor(type: number, sizeHint = 128) {
    this.buffer = Buffer.allocUnsafe(Math.max(64, sizeHint));
    this.buffer[4] = type;
  }

  uint32(value: number): this {
    this.reserve(4);
    this.end = this.buffer.writeUInt32BE(value >>> 0, this.end);
    return this;
  }

  uint64(value: number): this {
    return this.uint32(Math.floor(value / 2 ** 32)).uint32(value % 2 ** 32);
  }

  /** A length-prefixed string of bytes. */
  bytes(value: Uint8Array | string): this {
    const data = typeof value === 'string' ? Buffer.from(value) : value;
    this.uint32(data.length);
    this.reserve(data.length);
    this.buffer.set(data, this.end);
    this.end += data.length;
    return this;
  }

  /** The finished packet; `extra` bytes follow it on the wire and count as part of it. */
  finish(extra = 0): Buffer {
    this.buffer.writeUInt32BE(this.end - 4 + extra, 0);
    return this.buffer.subarray(0, this.end);
  }

  private reserve(count: number): void {
    if (this.end + count <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.end + count));
    this.buffer.copy(grown, 0, 0, this.end);
    this.buffer = grown;
  }
}
