import { Agent, type ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { HttpStream } from './http-stream.ts';

export type OpenStream = () => Promise<Duplex>;

/** Idle connections are given back after this time: each one holds the host's SSH connection open. */
const IDLE_MS = 30_000;
/** Older ones are not used again: their SSH connection may go a way (a jump, a key) that the host no longer has. */
const MAX_AGE_MS = 60_000;

/** An HTTP agent whose connections are streams over SSH instead of sockets. */
export class StreamAgent extends Agent {
  readonly #open: OpenStream;
  readonly #maxAgeMs: number;
  readonly #idle = new Map<Duplex, { timer: NodeJS.Timeout; close(): void }>();

  constructor(
    open: OpenStream,
    { maxAgeMs = MAX_AGE_MS, ...options }: { keepAlive: boolean; maxSockets: number; maxAgeMs?: number },
  ) {
    super({ ...options, maxFreeSockets: options.maxSockets, scheduling: 'lifo' });
    this.#maxAgeMs = maxAgeMs;
    this.#open = open;
  }

  /** Must return undefined: anything else is taken for the socket itself. */
  override createConnection(
    _options: unknown,
    done?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#open().then(
      (channel) => {
        const stream = new HttpStream(channel);
        stream.once('close', () => this.#noLongerIdle(stream));
        done?.(null, stream);
      },
      (error: Error) => done?.(error, undefined as never),
    );
  }

  override keepSocketAlive(stream: Duplex): boolean {
    if (!(stream instanceof HttpStream) || stream.gone) return false;
    if (performance.now() - stream.opened >= this.#maxAgeMs) return false;
    const close = (): void => void stream.destroy();
    stream.once('gone', close);
    this.#idle.set(stream, { timer: setTimeout(close, IDLE_MS).unref(), close });
    return true;
  }

  override reuseSocket(stream: Duplex, request: ClientRequest): void {
    this.#noLongerIdle(stream);
    super.reuseSocket(stream, request);
  }

  #noLongerIdle(stream: Duplex): void {
    const idle = this.#idle.get(stream);
    if (!idle) return;
    clearTimeout(idle.timer);
    stream.off('gone', idle.close);
    this.#idle.delete(stream);
  }

  override destroy(): void {
    for (const { timer } of this.#idle.values()) clearTimeout(timer);
    this.#idle.clear();
    super.destroy();
  }
}
