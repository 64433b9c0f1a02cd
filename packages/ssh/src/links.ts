import type { Duplex } from 'node:stream';
import type { ClientChannel, SFTPWrapper } from 'ssh2';

/** One authenticated SSH connection to a host. Methods throw CONNECTION_FAILED once it is closed. */
export interface SshLink {
  readonly alias: string;
  /** Unique in this process; a new one after every reconnect. */
  readonly id: string;
  /** Opens a session channel and runs a command in it; TCP_NODELAY is set on both ends. */
  exec(
    command: string,
    options?: { pty?: { term: string; columns: number; rows: number } },
  ): Promise<ClientChannel>;
  sftp(): Promise<SFTPWrapper>;
  /** Opens a session channel and starts a subsystem in it (e.g. `sftp`), as a raw byte stream. */
  subsystem(name: string): Promise<ClientChannel>;
  /** direct-tcpip to an address that the host can reach. Does not use a session channel. */
  forwardTcp(host: string, port: number): Promise<Duplex>;
  /** direct-streamlocal to a unix socket on the host. Does not use a session channel. */
  forwardUnix(socketPath: string): Promise<Duplex>;
  /** Resolves, never rejects, when the connection is gone. */
  readonly closed: Promise<Error | undefined>;
}

/** The right to hold one session channel of a connection (at most 8 each). Release it when that channel has closed. */
export interface ChannelLease {
  readonly link: SshLink;
  release(): void;
}

export interface LeaseOptions {
  signal?: AbortSignal;
  /**
   * `forward` = the holder only uses forwardTcp and forwardUnix; it takes none of the session channels.
   * Default `session`.
   */
  kind?: 'session' | 'forward';
  /**
   * Called when others wait for a channel and this holder said it is idle: it should close its channel and
   * release the lease soon.
   */
  reclaim?: () => void;
}

/** The pool: connections per host (min, max, idle timeout, keepalive, reconnect with backoff), channels per connection. */
export interface HostLinks {
  /** CONNECTION_FAILED with the cause, AUTH_FAILED, HOST_KEY_MISMATCH, NOT_FOUND, CANCELLED. Waits when all channels are busy. */
  lease(alias: string, options?: LeaseOptions): Promise<ChannelLease>;
  /** Is its connection alive, and still the one that the host's record of now leads to? Ask before using a channel again. */
  isCurrent(lease: ChannelLease): boolean;
  /** Tells whether a lease holder with `reclaim` is idle now. */
  setIdle(lease: ChannelLease, idle: boolean): void;
  stats(): readonly LinkStats[];
  /** Closes the connections of a host, or of all hosts that go through it. */
  drop(alias: string): void;
  close(): Promise<void>;
}

export interface LinkStats {
  alias: string;
  connections: number;
  busyChannels: number;
  idleChannels: number;
  queued: number;
  reconnects: number;
  /** Of the last handshake. */
  connectMs?: number;
  lastError?: string;
}
