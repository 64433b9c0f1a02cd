/** Smaller buffers may share their memory with others, and cost the garbage collector little. */
const WORTH_IT = 16 * 1024;
/** What surrounds the payload in a packet's buffer: padding, message number, channel, length. */
const AROUND = 64;

/** Buffers whose memory is to be freed as soon as they are on the wire. */
const onceSent = new WeakSet<Uint8Array>();

/**
 * Memory outside the heap is freed only when the garbage collector runs, and that much of it makes it run all the
 * time: at full speed it took half of all CPU. A packet's memory is given back by hand instead.
 */
export const disposeOnceSent = (buffer: Uint8Array): void => {
  if (isAlone(buffer)) onceSent.add(buffer);
};

/** Frees a buffer that its holder is the last to use, when it has its memory to itself. */
export const disposeOwn = (buffer: Uint8Array): void => {
  if (isAlone(buffer)) dispose(buffer);
};

const isAlone = ({ byteLength, buffer }: Uint8Array): boolean =>
  byteLength >= WORTH_IT && byteLength === buffer.byteLength;

export const isDisposable = (data: unknown): data is Uint8Array =>
  data instanceof Uint8Array && onceSent.has(data);

/** Frees a received packet that nobody refers to any more; a buffer that holds anything else is left alone. */
export function disposeReceived(chunk: Uint8Array): void {
  const { buffer, byteLength } = chunk;
  if (byteLength >= WORTH_IT && buffer.byteLength - byteLength <= AROUND) dispose(chunk);
}

export function dispose({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
