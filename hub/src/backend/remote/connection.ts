import type { Progress } from '@flotilla/core';

/** Where a mounted server is. */
export type MountTarget =
  | { kind: 'stdio'; command: string; args: readonly string[]; env: Record<string, string>; cwd?: string }
  | { kind: 'http'; url: string; headers: Record<string, string> };

export interface ConnectOptions {
  hubVersion: string;
  /** For everything until the server has answered the handshake. */
  connectMs: number;
  maxMessageBytes: number;
  graceMs: number;
  /** Gives up the attempt. */
  signal: AbortSignal;
  onStderr: (chunk: Buffer) => void;
  onToolsChanged: () => void;
  /** An error that belongs to no call, e.g. a broken event stream. */
  onTrouble: (error: Error) => void;
}

export interface RequestOptions {
  signal?: AbortSignal;
  onProgress?: (update: Progress) => void;
}

/** One live connection to a mounted server; a new one is made after it was lost. */
export interface Connection {
  server?: { name: string; version: string };
  protocol?: string;
  pid?: number;
  offersTools: boolean;
  /** Resolves with the reason when the connection is gone; never for HTTP unless `close` was called. */
  closed: Promise<string>;
  /** Sends one request and returns the raw result, unknown fields included. */
  request(method: string, params: Record<string, unknown>, options?: RequestOptions): Promise<unknown>;
  /** Resolves when the server shows that it is alive. */
  ping(signal: AbortSignal): Promise<void>;
  /** Resolves when no request is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** The request did not leave this process. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}

/** The server answered a request with something that is not a JSON-RPC response. */
export class MalformedResponse extends Error {
  override readonly name = 'MalformedResponse';

  constructor() {
    super('it sent a response that breaks the protocol');
  }
}

/** The connection ended while the request was under way: whether it had an effect is not known. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** The server took the request, but its answer never came: whether it had an effect is not known. */
export class BrokenExchange extends Error {
  override readonly name = 'BrokenExchange';

  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : 'the connection ended before the answer', { cause });
  }
}
