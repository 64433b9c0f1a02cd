import { connect, type Socket } from 'node:net';
import { causeOfSocketError, connectionFailed } from './failures.ts';

export interface TcpTarget {
  alias: string;
  host: string;
  port: number;
}

/** A connected TCP socket with Nagle's algorithm off. CONNECTION_FAILED with the cause. */
export function connectTcp(target: TcpTarget, timeoutMs: number, signal?: AbortSignal): Promise<Socket> {
  const { host, port } = target;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 2_000 });
    socket.setMaxListeners(0);
    const fail = (cause: ReturnType<typeof causeOfSocketError>, error?: Error): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(connectionFailed(target, cause, error));
    };
    const onAbort = (): void => fail('closed');
    const timer = setTimeout(() => fail('timeout'), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (error) => fail(causeOfSocketError(error), error));
    socket.once('connect', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeAllListeners('error');
      socket.on('error', () => undefined);
      resolve(socket);
    });
    if (signal?.aborted) onAbort();
  });
}
