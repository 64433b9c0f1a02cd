import { FlotillaError, type HostDirectory, type HostKeyPin, type HostRecord } from '@flotilla/core';
import { pinOf } from '../keys/fingerprint.ts';
import { type KnownKeys, verdictOf } from '../known-hosts/verdict.ts';
import { hostKeyMismatch, hostKeyRevoked } from './host-key-failures.ts';

/** Accepts or refuses the key a server shows; rejects with HOST_KEY_MISMATCH. */
export type HostKeyCheck = (blob: Buffer) => Promise<void>;

/**
 * Compares with the pinned keys; with none, with known_hosts; with nothing there either, trusts the first key
 * seen. A key that passes is pinned before any credential is sent. A revoked key never passes. A server that
 * exchanges keys again later must show the same one.
 */
export function hostKeyCheck(record: HostRecord, known: KnownKeys, directory: HostDirectory): HostKeyCheck {
  let accepted: HostKeyPin | undefined;
  return async (blob) => {
    const shown = pinOf(blob);
    if (accepted?.fingerprint === shown.fingerprint) return;
    if (accepted) throw hostKeyMismatch(record, shown, [accepted]);
    const verdict = verdictOf(known, blob);
    if (verdict.kind === 'revoked') throw hostKeyRevoked(record, shown, verdict.line);
    if (record.hostKeys.length > 0) {
      if (!record.hostKeys.some((pin) => pin.fingerprint === shown.fingerprint))
        throw hostKeyMismatch(record, shown, record.hostKeys);
    } else {
      if (verdict.kind === 'other') throw hostKeyMismatch(record, shown, verdict.known, verdict.line);
      await pinFirst(record, shown, directory);
    }
    accepted = shown;
  };
}

async function pinFirst(record: HostRecord, shown: HostKeyPin, directory: HostDirectory): Promise<void> {
  try {
    await directory.pinHostKey(record.alias, shown, record.revision);
  } catch (error) {
    if (!(error instanceof FlotillaError) || error.code !== 'CONFLICT') throw error;
    const now = directory.record(record.alias);
    if (now.revision !== record.revision) throw error;
    throw hostKeyMismatch(record, shown, now.hostKeys);
  }
}
