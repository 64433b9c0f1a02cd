import type { HostKeyPin, HostRecord, HostView } from '@flotilla/core';

type Maybe<T> = T | null | undefined;

/**
 * What is to be known of a host. Absent = unchanged, or the default for a new host; null = removed.
 * `host` and `user` are required for a new alias. `groups` and `tags` replace the whole set.
 */
export interface HostInput {
  alias: string;
  host?: string | undefined;
  /** Default 22. */
  port?: number | undefined;
  user?: string | undefined;
  /** Absolute path. */
  keyPath?: Maybe<string>;
  passphrase?: Maybe<string>;
  password?: Maybe<string>;
  /** true = the agent of the process that connects; a string = the path of an agent's socket. */
  agent?: boolean | string | null | undefined;
  jump?: Maybe<string>;
  /** `SHA256:…`, or pins with their key types. */
  hostKey?: string | readonly HostKeyPin[] | null | undefined;
  sudo?: HostRecord['sudo'] | undefined;
  sudoPassword?: Maybe<string>;
  transport?: HostRecord['transport'] | undefined;
  groups?: readonly string[] | undefined;
  env?: Maybe<string>;
  tags?: readonly string[] | undefined;
  readonly?: boolean | undefined;
  protected?: boolean | undefined;
}

/** Everything known of a host but its secrets. */
export interface HostEntry extends HostView {
  keyPath?: string;
  agent?: boolean | string;
  jump?: string;
  hostKeys: HostKeyPin[];
  sudo: HostRecord['sudo'];
  transport: HostRecord['transport'];
  /** Names of the secrets that are stored: password, passphrase, sudoPassword. */
  secrets: SecretField[];
  revision: number;
  /** UTC epoch milliseconds. */
  addedAt: number;
  lastSeen?: number;
  /** What the host said of itself when it was last asked; data of a remote host. */
  facts?: Record<string, unknown>;
}

export const SECRET_FIELDS = ['password', 'passphrase', 'sudoPassword'] as const;
export type SecretField = (typeof SECRET_FIELDS)[number];

/** What saving an input would do, or did. */
export interface HostChange {
  created: boolean;
  /** Names of the fields whose value changes, in the order of HostInput. */
  changed: string[];
  /** What is lost because the host behind the alias may be another one: names of secrets and pinned fingerprints. */
  dropped: string[];
  /** Why a person has to make this change; empty when anyone may. */
  needsPerson: string[];
}

export interface SaveOptions {
  /** The change comes from a person (CLI or config): without it, a change that needs one is refused with APPROVAL_REQUIRED. */
  person: boolean;
}

export interface HostFilter {
  group?: string | undefined;
  env?: string | undefined;
  tag?: string | undefined;
  /** Part of alias, address, user, environment, group or tag; case does not matter. */
  text?: string | undefined;
}

export interface GroupView {
  name: string;
  aliases: string[];
}
