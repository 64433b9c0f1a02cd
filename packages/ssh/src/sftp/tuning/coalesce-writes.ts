import type { Duplex } from 'node:stream';
import { dispose, isDisposable } from './dispose.ts';

/**
 * Sends everything that is written in one turn of the event loop with one system call. ssh2 writes length,
 * body and tag of every packet apart, and with TCP_NODELAY each of them would be a segment of its own.
 */
export function coalesceWrites(socket: Duplex): void {
  const write = socket.write.bind(socket) as Duplex['write'];
  let corked = false;
  const release = (): void => {
    corked = false;
    socket.uncork();
  };
  const coalescing = (...args: Parameters<Duplex['write']>): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(release);
    }
    const [data] = args;
    if (args.length > 1 || !isDisposable(data)) return write(...args);
    return (write as (data: Uint8Array, sent: () => void) => boolean)(data, () => dispose(data));
  };
  socket.write = coalescing as Duplex['write'];
}
