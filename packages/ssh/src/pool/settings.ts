/** How connections are made and kept; every field has a default. */
export interface LinkSettings {
  /** Connections per host at most. */
  maxConnections: number;
  /** Connections kept open once a host was used, even when idle. */
  minConnections: number;
  /** A connection above the minimum is closed after this long without a busy channel. */
  idleTimeoutMs: number;
  /** Interval of keepalive requests; a silent peer is given up after `keepAliveCountMax` unanswered ones. 0 = none. */
  keepAliveIntervalMs: number;
  keepAliveCountMax: number;
  /** For the TCP connection, and again for handshake and login. */
  connectTimeoutMs: number;
  /** Session channels per connection; a stock sshd allows 10. */
  channelsPerConnection: number;
  /** Handshakes at one sshd at the same time; a stock sshd starts dropping at 10 (MaxStartups). */
  maxHandshakesPerServer: number;
  /** Handshakes at the same time in all. */
  maxHandshakes: number;
  /** Existing known_hosts files that are honoured for hosts without a pinned key. */
  knownHostsPaths: readonly string[];
}

export const DEFAULT_LINK_SETTINGS: LinkSettings = {
  maxConnections: 5,
  minConnections: 1,
  idleTimeoutMs: 300_000,
  keepAliveIntervalMs: 30_000,
  keepAliveCountMax: 2,
  connectTimeoutMs: 20_000,
  channelsPerConnection: 8,
  maxHandshakesPerServer: 6,
  maxHandshakes: 64,
  knownHostsPaths: [],
};
