import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { HttpStream } from './http-stream.ts';

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
      (stream) => done?.(null, new HttpStream(stream)),
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
