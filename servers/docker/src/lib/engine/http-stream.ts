import { Duplex } from 'node:stream';

/**
 * A stream over SSH with the manners of a socket that node:http counts on: it closes as soon as it is destroyed or
 * the other side is gone, whatever state the channel below is in, and it has a socket's methods.
 */
export class HttpStream extends Duplex {
  /** On the clock of `performance`. */
  readonly opened = performance.now();
  readonly #channel: Duplex;
  #ended = false;

  constructor(channel: Duplex) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.once('end', () => {
      this.#ended = true;
      this.push(null);
      this.emit('gone');
    });
    // What was read before a clean end is still to be taken; after that the stream closes by itself.
    channel.once('close', () => {
      if (!this.#ended) this.destroy();
    });
    channel.on('error', (error) => this.destroy(error));
    if ('stderr' in channel) (channel.stderr as Duplex | undefined)?.resume();
  }

  /** The other side has ended: nothing more can be asked over it. `gone` is emitted then. */
  get gone(): boolean {
    return this.#ended || this.destroyed;
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#channel.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.destroy();
    done(error);
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }
}
