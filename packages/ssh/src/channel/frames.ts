export interface FrameSink {
  /** The words of one frame, without its marker. */
  frame(words: string[]): void;
  /** Bytes outside frames, in order. */
  data(chunk: Buffer): void;
}

const NEWLINE = 0x0a;
/** A frame is one short line; a longer one means that the stream is not ours. */
const MAX_FRAME = 65_536;

/**
 * Cuts frames (`marker words… \n`) out of a byte stream. A frame is written at once by the host and may
 * come in the middle of other output; the marker holds 128 random bits, so output cannot imitate it.
 */
export class FrameParser {
  readonly #marker: Buffer;
  readonly #sink: FrameSink;
  #pending: Buffer = Buffer.alloc(0);

  constructor(marker: Buffer, sink: FrameSink) {
    this.#marker = marker;
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const start = rest.indexOf(this.#marker);
      if (start < 0) break;
      const end = rest.indexOf(NEWLINE, start + this.#marker.length);
      if (start > 0) this.#sink.data(rest.subarray(0, start));
      if (end < 0) {
        this.#pending = rest.subarray(start);
        if (this.#pending.length > MAX_FRAME) throw new Error('frame without an end');
        return;
      }
      const line = rest.toString('latin1', start + this.#marker.length, end);
      rest = rest.subarray(end + 1);
      this.#sink.frame(line.trim().split(' '));
    }
    const held = this.#heldBack(rest);
    if (rest.length > held) this.#sink.data(rest.subarray(0, rest.length - held));
    this.#pending = rest.subarray(rest.length - held);
  }

  /** Length of the longest end of `bytes` that could be the beginning of a marker. */
  #heldBack(bytes: Buffer): number {
    const first = this.#marker[0] ?? 0;
    let at = bytes.indexOf(first, Math.max(0, bytes.length - this.#marker.length + 1));
    while (at >= 0) {
      const tail = bytes.subarray(at);
      if (tail.equals(this.#marker.subarray(0, tail.length))) return tail.length;
      at = bytes.indexOf(first, at + 1);
    }
    return 0;
  }
}
