import type { HostKeyPin } from '@flotilla/core';
import { pinOf } from '../keys/fingerprint.ts';
import { listedName, matchesNames } from './match-names.ts';
import type { KnownHostsEntry } from './parse.ts';

/** What known_hosts says about the key a host shows. */
export type Verdict =
  | { kind: 'known' }
  | { kind: 'unknown' }
  | { kind: 'revoked'; line: number }
  | { kind: 'other'; known: HostKeyPin[]; line: number };

/** The entries for one host; `plain` are those without the port, which count only when they agree (as in ssh). */
export interface KnownKeys {
  revoked: KnownHostsEntry[];
  listed: KnownHostsEntry[];
  plain: KnownHostsEntry[];
}

export function keysOf(entries: readonly KnownHostsEntry[], host: string, port: number): KnownKeys {
  const name = listedName(host, port);
  const bare = listedName(host, 22);
  const listed = entries.filter((entry) => matchesNames(entry.names, name));
  const plain = port === 22 ? [] : entries.filter((entry) => matchesNames(entry.names, bare));
  return {
    revoked: [...listed, ...plain].filter((entry) => entry.revoked),
    listed: listed.filter((entry) => !entry.revoked),
    plain: plain.filter((entry) => !entry.revoked),
  };
}

/** Key types to ask the server for, so that it shows a key that can be compared. */
export function typesOf(keys: KnownKeys): string[] {
  return [...keys.listed, ...keys.plain].map((entry) => entry.type);
}

export function verdictOf(keys: KnownKeys, blob: Buffer): Verdict {
  const same = (entry: KnownHostsEntry): boolean => entry.blob.equals(blob);
  const revoked = keys.revoked.find(same);
  if (revoked) return { kind: 'revoked', line: revoked.line };
  if (keys.listed.some(same)) return { kind: 'known' };
  const [first] = keys.listed;
  if (first) return { kind: 'other', known: keys.listed.map((entry) => pinOf(entry.blob)), line: first.line };
  return keys.plain.some(same) ? { kind: 'known' } : { kind: 'unknown' };
}
