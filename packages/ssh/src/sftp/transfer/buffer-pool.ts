/** Buffers of one size, used again: allocating 255 KiB for each request costs more than copying it. */
export class BufferPool {
  private readonly free: Buffer[] = [];
  private readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  take(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  give(buffer: Buffer): void {
    this.free.push(buffer);
  }
}
