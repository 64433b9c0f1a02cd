/** The folders of the hub's own machine that a transfer may touch; everything else is DENIED. */
export interface LocalAccess {
  /** Absolute. Relative local paths start at the first one. */
  roots: readonly string[];
  /** Never readable or writable, except its `files` folder. */
  dataDir: string;
}

/**
 * One source and its target. A source may be a file, a folder or a pattern (`*` `**` `?` `{a,b}` `[ab]`); one that
 * exists as written is never a pattern. A target that ends in `/`, is an existing folder (for a file), or belongs to
 * a pattern is a folder to put it into; otherwise it names the copy itself.
 * Names that are not UTF-8 are written as `bytes:` and percent-encoded.
 */
export interface TransferPair {
  local: string;
  remote: string;
}

export interface TransferRequest {
  alias: string;
  direction: 'upload' | 'download';
  files: readonly TransferPair[];
  access: LocalAccess;
}

export interface TransferProgress {
  bytes: number;
  totalBytes: number;
  files: number;
  totalFiles: number;
  /** Path of the source that is under way. */
  current?: string;
}

export interface TransferOptions {
  signal?: AbortSignal;
  onProgress?(progress: TransferProgress): void;
}

/** What became of one pair of the request. */
export interface TransferredPair {
  local: string;
  remote: string;
  /** Files written; `unchanged` ones were there already with the same content. */
  files: number;
  unchanged: number;
  folders: number;
  symlinks: number;
  bytes: number;
  /** Of a single file. */
  sha256?: string;
}

/** A file that was not transferred, or a whole pair. */
export interface TransferFault {
  path: string;
  code: string;
  message: string;
}

export interface TransferSummary {
  pairs: TransferredPair[];
  files: number;
  unchanged: number;
  folders: number;
  symlinks: number;
  /** Of the files written, what was there from an interrupted transfer included. */
  bytes: number;
  /** Bytes that an earlier, interrupted transfer had left and that were verified instead of sent again. */
  resumedBytes: number;
  /** Files whose sha256 was compared on both ends after writing. */
  verified: number;
  durationMs: number;
  /** At most 100; `failed` counts all. */
  failures: TransferFault[];
  failed: number;
  notes: string[];
}

/**
 * Files and folders between this machine and a host. Atomic per file (temporary name, fsync, rename), mode and
 * mtime kept, sha256 compared, resumed after an interruption when asked again. Faults of single files are rows of the
 * summary. Throws when nothing can go on: CONNECTION_FAILED, AUTH_FAILED, HOST_KEY_MISMATCH, CANCELLED,
 * TRANSFER_FAILED (the target's disk is full), and when nothing at all was transferred the first fault's own code.
 */
export type Transfer = (request: TransferRequest, options?: TransferOptions) => Promise<TransferSummary>;
