import type { Duplex } from 'node:stream';
import type { Transfer } from './transfer.ts';

/** A host as tools see it: no secrets. */
export interface HostView {
  alias: string;
  host: string;
  port: number;
  user: string;
  groups: string[];
  tags: string[];
  env?: string;
  readonly?: boolean;
  protected?: boolean;
}

/** A target expression: one alias, several, `all`, `group:x`, `env:x`, `tag:x`. */
export type Target = string | readonly string[];

export interface ShellOptions {
  stdin?: string | Uint8Array;
  /** Default 30,000. COMMAND_TIMEOUT when it passes; late output never reaches a later call. */
  timeoutMs?: number;
  /** Cap of each stream, default 1 MiB; `truncated` says so. */
  maxBytes?: number;
  sudo?: boolean;
  signal?: AbortSignal;
}

export interface ShellResult {
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
}

/**
 * Hosts for inline tools: resolve names, run one short composed script on the fast channel.
 * Throws NOT_FOUND with the nearest alias, CONNECTION_FAILED, AUTH_FAILED, HOST_KEY_MISMATCH.
 */
export interface Hosts {
  /** Distinct hosts in a stable order; NOT_FOUND for an unknown name or an empty selection. */
  resolve(target: Target): HostView[];
  /** A short read or idempotent script; it dies with the connection. Durable commands are steps. */
  shell(alias: string, script: string, options?: ShellOptions): Promise<ShellResult>;
  files(alias: string): Promise<RemoteFiles>;
  /**
   * A byte stream over the host's pooled connection, e.g. for an HTTP API behind a unix socket. Close it when done.
   * UNSUPPORTED when sshd forbids forwards; NOT_FOUND, DENIED or CONNECTION_FAILED when the far end cannot be reached.
   */
  connect(alias: string, target: StreamTarget, options?: { signal?: AbortSignal }): Promise<Duplex>;
  /** Whole files and folders between the hub's own machine and a host. */
  transfer: Transfer;
}

/** A unix socket on the host, a TCP address that the host can reach, or the stdin and stdout of a command there. */
export type StreamTarget = { socketPath: string } | { host: string; port: number } | { command: string };

export type FileType =
  | 'file'
  | 'directory'
  | 'symlink'
  | 'socket'
  | 'fifo'
  | 'block'
  | 'character'
  | 'unknown';

/**
 * Names are bytes on Linux: `path` and `target` hold them as UTF-8; one that is not UTF-8 is written as `bytes:` and
 * percent-encoded (`bytes:/srv/caf%E9`), which every RemotePath accepts as well.
 */
export interface FileStat {
  path: string;
  type: FileType;
  size: number;
  /** Permission bits, e.g. 0o644. */
  mode: number;
  uid: number;
  gid: number;
  /** Epoch milliseconds, whole seconds over SFTP. */
  mtimeMs: number;
  target?: string;
}

/** Absolute, relative to the login's home, or `~/…`. Paths are bytes: pass a Buffer or the `bytes:` form for a name that is not UTF-8. */
export type RemotePath = string | Uint8Array;

/** The small file operations of one host, over SFTP. Errors: NOT_FOUND, DENIED, ALREADY_EXISTS, STORAGE_FULL, TRANSFER_FAILED. */
export interface RemoteFiles {
  list(path: RemotePath): Promise<FileStat[]>;
  /** Follows symlinks by default; `target` is set when it does not. */
  stat(path: RemotePath, options?: { followSymlinks?: boolean }): Promise<FileStat>;
  realpath(path: RemotePath): Promise<string>;
  /** Bytes from `offset`, at most `length`; files that claim size 0 (/proc) are read to their end. */
  read(
    path: RemotePath,
    options: { offset?: number; length: number; signal?: AbortSignal },
  ): Promise<Uint8Array>;
  /** Atomic: temporary name, fsync, rename; owner, group and mode of an existing file are kept. */
  write(
    path: RemotePath,
    content: Uint8Array,
    options?: { mode?: number; signal?: AbortSignal },
  ): Promise<void>;
  makeDirectories(path: RemotePath): Promise<void>;
  removeFile(path: RemotePath): Promise<void>;
  removeDirectory(path: RemotePath): Promise<void>;
  rename(from: RemotePath, to: RemotePath): Promise<void>;
}
