import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { ToolEndpoint } from '../endpoint.ts';
import type { Principal } from '../principal.ts';
import { announceChanges, createSession, type SessionOptions } from './session.ts';

export interface StdioOptions extends SessionOptions {
  /** User id of the caller, for the principal `stdio:<uid>`. Default: that of this process. */
  uid?: number;
  stdin?: Readable;
  stdout?: Writable;
}

export interface StdioServing {
  /** Resolves when the client closed its end, or after `close`. */
  closed: Promise<void>;
  close(): Promise<void>;
}

/** A message beyond this ends the connection: there is no way to skip it. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

class WatchedTransport extends StdioServerTransport {
  readonly closed: Promise<void>;
  #resolve: () => void = () => {};

  constructor(stdin?: Readable, stdout?: Writable) {
    super(stdin, stdout, { maxBufferSize: MAX_MESSAGE_BYTES });
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  override async close(): Promise<void> {
    await super.close();
    this.#resolve();
  }
}

export function startStdio(endpoint: ToolEndpoint, options: StdioOptions): StdioServing {
  const principal: Principal = { id: `stdio:${options.uid ?? process.getuid?.() ?? 0}`, kind: 'stdio' };
  const transport = new WatchedTransport(options.stdin, options.stdout);
  const handle = serveStdio(
    () => {
      const server = createSession(endpoint, principal, options);
      announceChanges(endpoint, server, options.log);
      return server;
    },
    { transport, onerror: (error) => options.log.debug({ err: error }, 'stdio') },
  );
  return { closed: transport.closed, close: () => handle.close() };
}
