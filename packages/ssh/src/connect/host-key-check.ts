import { FlotillaError, type HostDirectory, type HostKeyPin, type HostRecord } from '@flotilla/core';
import { pinOf } from '../keys/fingerprint.ts';

/** Accepts or refuses the key a server shows; rejects with HOST_KEY_MISMATCH. */
export type HostKeyCheck = (blob: Buffer) => Promise<void>;

/** Compares with the pinned keys; with none, pins the first key seen before any credential is sent. */
export function hostKeyCheck(record: HostRecord, directory: HostDirectory): HostKeyCheck {
  let accepted: string | undefined;
  return async (blob) => {
    const shown = pinOf(blob);
    if (accepted === shown.fingerprint) return;
    if (accepted !== undefined) throw hostKeyMismatch(record, shown, [{ type: '', fingerprint: accepted }]);
    if (record.hostKeys.length > 0) {
      if (!record.hostKeys.some((pin) => pin.fingerprint === shown.fingerprint))
        throw hostKeyMismatch(record, shown, record.hostKeys);
    } else {
      await directory.pinHostKey(record.alias, shown).catch((error: unknown) => {
        throw pinRefused(record, shown, directory, error);
      });
    }
    accepted = shown.fingerprint;
  };
}

function pinRefused(
  record: HostRecord,
  shown: HostKeyPin,
  directory: HostDirectory,
  error: unknown,
): unknown {
  if (!(error instanceof FlotillaError) || error.code !== 'CONFLICT') return error;
  return hostKeyMismatch(record, shown, directory.record(record.alias).hostKeys);
}

export function hostKeyMismatch(
  record: HostRecord,
  shown: HostKeyPin,
  known: readonly HostKeyPin[],
): FlotillaError {
  const expected = known.map((pin) => pin.fingerprint).join(', ');
  return new FlotillaError(
    'HOST_KEY_MISMATCH',
    `The host key of ${record.alias} is not the known one: it shows ${shown.fingerprint}, known is ${expected}. Nothing was sent to it.`,
    {
      details: { alias: record.alias, host: record.host, port: record.port, shown, known: [...known] },
      hint: `If the host was reinstalled, a person compares the fingerprint on its console and confirms it with: flotilla host trust ${record.alias}. Otherwise somebody may be in between.`,
    },
  );
}
