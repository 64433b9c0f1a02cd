/** How to reach and log in to one host, secrets included. Never leaves the process; never logged. */
export interface HostRecord {
  alias: string;
  host: string;
  port: number;
  user: string;
  /** Absolute path of a private key file. */
  keyPath?: string;
  /** The private key itself, where its file is on another machine; used instead of `keyPath`. */
  privateKey?: string;
  passphrase?: string;
  password?: string;
  /** Use the SSH agent at this socket path. */
  agentSocket?: string;
  /** Alias of the bastion to go through; may itself have one. */
  jump?: string;
  /** Pinned host keys; empty = trust on first use. */
  hostKeys: readonly HostKeyPin[];
  sudo: 'none' | 'nopasswd' | 'password';
  /** For `sudo: password`; default the login password. */
  sudoPassword?: string;
  transport: 'ssh' | 'local';
  /** Grows with every change of this record: a cached connection of an older revision is dropped. */
  revision: number;
}

export interface HostKeyPin {
  /** Key type, e.g. `ssh-ed25519`; `any` when a person gave the fingerprint alone. */
  type: string;
  /** `SHA256:` and unpadded base64, as ssh-keygen -lf prints it. */
  fingerprint: string;
}

/** Where the SSH layer finds hosts and keeps their keys. */
export interface HostDirectory {
  /** NOT_FOUND with the nearest alias. */
  record(alias: string): HostRecord;
  /**
   * Pins the first key seen. CONFLICT when another key was pinned meanwhile, or when `revision` (of the record
   * that was connected to) is given and no longer the current one.
   */
  pinHostKey(alias: string, pin: HostKeyPin, revision?: number): Promise<void>;
}
