import { hkdfSync, randomBytes } from 'node:crypto';
import { FlotillaError } from '@flotilla/core';
import type { Sql, StateStore } from '@flotilla/store';
import { createCipher, type VaultCipher } from './cipher.ts';
import {
  keyFromText,
  keyId,
  type MasterKeySource,
  makeKeyFile,
  masterKeyFile,
  readKeyFile,
} from './master-key.ts';

export interface Vault {
  cipher: VaultCipher;
  /** An independent 32-byte key for a purpose, e.g. `audit` (HKDF-SHA256, RFC 5869). */
  deriveKey(purpose: string): Buffer;
  /** Tells master keys apart in diagnostics; reveals nothing of the key. */
  keyId: string;
  source: 'environment' | 'file';
}

export interface VaultOptions extends MasterKeySource {
  store: StateStore;
}

interface KeyRow {
  salt: string;
  sealed_check: string;
}

const CHECK_CONTEXT = 'vault_key/check';
const CHECK_VALUE = 'flotilla vault';

/**
 * Opens the vault of a data folder and makes its key on first use; several processes may do so at once.
 * INVALID_INPUT when the key is not the one that the folder was made with, NOT_FOUND when its key file is
 * gone; neither changes anything.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const row = options.store.read(readKeyRow) ?? (await options.store.write((sql) => founding(sql, options)));
  const master = masterKey(options, row.salt);
  const cipher = createCipher(derive(master, 'vault'));
  try {
    cipher.bind(CHECK_CONTEXT).open(row.sealed_check);
  } catch {
    throw wrongKey(options, keyId(master));
  }
  return {
    cipher,
    deriveKey: (purpose) => derive(master, `key/${purpose}`),
    keyId: keyId(master),
    source: options.masterKey ? 'environment' : 'file',
  };
}

const readKeyRow = (sql: Sql): KeyRow | undefined =>
  sql.get<KeyRow>('SELECT salt, sealed_check FROM vault_key WHERE id = 1');

/** Inside the write transaction: the first process decides which key the folder has. */
function founding(sql: Sql, options: VaultOptions): KeyRow {
  const present = readKeyRow(sql);
  if (present) return present;
  const salt = randomBytes(16).toString('base64');
  const master = options.masterKey
    ? masterKey(options, salt)
    : (readKeyFile(options.dataDir) ?? makeKeyFile(options.dataDir));
  const sealed = createCipher(derive(master, 'vault')).bind(CHECK_CONTEXT).seal(CHECK_VALUE);
  sql.run('INSERT INTO vault_key (id, salt, sealed_check) VALUES (1, ?, ?)', [salt, sealed]);
  return { salt, sealed_check: sealed };
}

function masterKey(options: VaultOptions, salt: string): Buffer {
  if (options.masterKey) return keyFromText(options.masterKey, Buffer.from(salt, 'base64'));
  const key = readKeyFile(options.dataDir);
  if (key) return key;
  throw new FlotillaError('NOT_FOUND', `The master key file is gone: ${masterKeyFile(options.dataDir)}`, {
    hint: 'Restore master.key from a backup, or set FLOTILLA_MASTER_KEY if this folder was made with it. Nothing was changed.',
  });
}

const derive = (master: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', master, Buffer.alloc(0), `flotilla/${purpose}`, 32));

function wrongKey(options: VaultOptions, id: string): FlotillaError {
  const source = options.masterKey ? 'FLOTILLA_MASTER_KEY' : masterKeyFile(options.dataDir);
  return new FlotillaError(
    'INVALID_INPUT',
    `The master key does not fit the secrets in ${options.dataDir}. Nothing was changed.`,
    {
      details: { source, keyId: id },
      hint: options.masterKey
        ? 'Give the FLOTILLA_MASTER_KEY that this data folder was made with, or unset it to use master.key.'
        : 'Restore the master.key of this data folder, or set FLOTILLA_MASTER_KEY if it was made with that.',
    },
  );
}
