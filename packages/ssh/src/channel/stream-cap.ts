/** Keeps the first `limit` bytes of a stream; the rest is counted by `truncated` only. */
export class StreamCap {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  truncated = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    const room = this.#limit - this.#size;
    const kept = chunk.length > room ? chunk.subarray(0, room) : chunk;
    if (kept.length < chunk.length) this.truncated = true;
    if (kept.length === 0) return;
    // A copy: the chunk is a slice of a buffer that the transport may use again.
    this.#chunks.push(Buffer.from(kept));
    this.#size += kept.length;
  }

  /** The bytes as UTF-8; a character cut at the limit is left out. */
  text(): string {
    return new TextDecoder().decode(Buffer.concat(this.#chunks), { stream: this.truncated });
  }
}
