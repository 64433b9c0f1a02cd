import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';

export type OpenStream = () => Promise<Duplex>;

/** Idle connections are given back after this time: each one holds the host's SSH connection open. */
const IDLE_MS = 30_000;

/** An HTTP agent whose connections are streams over SSH instead of sockets. */
export class StreamAgent extends Agent {
  readonly #open: OpenStream;
  readonly #idle = new Map<unknown, NodeJS.Timeout>();

  constructor(open: OpenStream, options: { keepAlive: boolean; maxSockets: number }) {
    super({ ...options, maxFreeSockets: options.maxSockets, scheduling: 'lifo' });
    this.#open = open;
  }

  /** Must return undefined: anything else is taken for the socket itself. */
  override createConnection(
    _options: unknown,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#open().then(
      (stream) => done?.(null, likeSocket(stream)),
      (error: Error) => done?.(error, undefined as never),
    );
  }

  override keepSocketAlive(stream: Duplex): boolean {
    if (stream.destroyed || !stream.writable) return false;
    this.#idle.set(stream, setTimeout(() => stream.destroy(), IDLE_MS).unref());
    return true;
  }

  override reuseSocket(stream: Duplex, request: ClientRequest): void {
    clearTimeout(this.#idle.get(stream));
    this.#idle.delete(stream);
    request.reusedSocket = true;
  }

  override destroy(): void {
    for (const timer of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    super.destroy();
  }
}

/** What node:http calls on a socket and a stream does not have. */
function likeSocket(stream: Duplex): Duplex {
  const nothing = (): Duplex => stream;
  const missing = {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
  };
  for (const [name, value] of Object.entries(missing))
    if (!(name in stream)) Object.defineProperty(stream, name, { value, configurable: true });
  if (!('destroySoon' in stream))
    Object.defineProperty(stream, 'destroySoon', { value: () => stream.destroy(), configurable: true });
  if ('stderr' in stream) (stream.stderr as Duplex | undefined)?.resume();
  stream.on('error', () => undefined);
  return stream;
}
