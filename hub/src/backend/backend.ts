import type { GateTool, HubCall, IncomingCall, PublishedTool, ToolAnswer } from '@flotilla/core';

/** A tool of a mount as the hub offers it. */
export interface MountedTool {
  /** As listed to clients; `published.name` is the hub's name for it. */
  published: PublishedTool;
  gateTool: GateTool;
  /** The name that the mounted server knows. */
  remoteName: string;
}

/** A call on its way to a mount. */
export interface BackendCall extends IncomingCall {
  tool: MountedTool;
  /** Passed on, signed, to a server of ours in another process. */
  hubCall?: HubCall;
}

export type BackendState =
  | { status: 'connecting'; attempt: number }
  | { status: 'ready'; server?: { name: string; version: string }; protocol?: string; pid?: number }
  | { status: 'unavailable'; cause: string; retryInMs: number; remote?: string }
  | { status: 'closed' };

/** One mounted server: in this process, a child on stdio, or another process over HTTP. */
export interface Backend {
  readonly name: string;
  readonly kind: 'local' | 'stdio' | 'http';
  /** One of our own servers: its tools keep their names and its effects are trusted. */
  readonly own: boolean;
  /** The last known list; it stays while the server is away. */
  listTools(): readonly MountedTool[];
  /**
   * A failure of the mount is thrown: FlotillaError SERVER_UNAVAILABLE, TIMEOUT, CANCELLED, or the server's own
   * protocol error unchanged.
   */
  call(call: BackendCall): Promise<ToolAnswer>;
  readonly state: BackendState;
  /** What was left out of the list and why, for diagnostics. */
  readonly issues: readonly string[];
  /** Calls back when the list or the state may have changed; returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  /** Resolves when the first attempt to reach the server has ended, well or not. Never rejects. */
  readonly settled: Promise<void>;
  /** Tells that the server seems to have come up: a pause between attempts ends. */
  expect(): void;
  close(): Promise<void>;
}
