import { createHash, randomBytes, scryptSync } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { FlotillaError } from '@flotilla/core';

const KEY_BYTES = 32;
const SHORTEST_PASSPHRASE = 16;

/** Bytes of the master key from the given text (FLOTILLA_MASTER_KEY), else from `<dataDir>/master.key`. */
export interface MasterKeySource {
  dataDir: string;
  masterKey?: string | undefined;
}

/**
 * 32 bytes as 64 hex digits or as base64 are taken as they are; any other text of 16 characters and more is a
 * passphrase (scrypt, N = 2^15). INVALID_INPUT when it is shorter.
 */
export function keyFromText(text: string, salt: Uint8Array): Buffer {
  const trimmed = text.trim();
  const raw = rawKey(trimmed);
  if (raw) return raw;
  if (trimmed.length < SHORTEST_PASSPHRASE) {
    throw new FlotillaError(
      'INVALID_INPUT',
      `FLOTILLA_MASTER_KEY is too short: at least ${SHORTEST_PASSPHRASE} characters.`,
      { hint: 'Make one with: openssl rand -base64 32' },
    );
  }
  return scryptSync(trimmed, salt, KEY_BYTES, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 });
}

function rawKey(text: string): Buffer | undefined {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return Buffer.from(text, 'base64url');
  return undefined;
}

export const masterKeyFile = (dataDir: string): string => join(dataDir, 'master.key');

/** The key of the file, or undefined when there is none. INVALID_INPUT when it is damaged or not ours. */
export function readKeyFile(dataDir: string): Buffer | undefined {
  const file = masterKeyFile(dataDir);
  let text: string;
  try {
    tightenMode(file);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw unusable(file, 'cannot be read', error);
  }
  const key = rawKey(text.trim());
  if (!key) throw unusable(file, 'is damaged');
  return key;
}

/** Makes the key file unless another process was first; returns the key that is in the file afterwards. */
export function makeKeyFile(dataDir: string): Buffer {
  const file = masterKeyFile(dataDir);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  writeDurably(draft, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  try {
    linkSync(draft, file);
    syncFolder(dataDir);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw unusable(file, 'cannot be made', error);
  } finally {
    rmSync(draft, { force: true });
  }
  const key = readKeyFile(dataDir);
  if (!key) throw unusable(file, 'vanished');
  return key;
}

/** First digits of the key's digest: tells two keys apart without telling either. */
export const keyId = (key: Uint8Array): string =>
  createHash('sha256').update('flotilla key id\0').update(key).digest('hex').slice(0, 12);

function tightenMode(file: string): void {
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
}

function writeDurably(file: string, text: string): void {
  const fd = openSync(file, 'wx', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

function unusable(file: string, what: string, cause?: unknown): FlotillaError {
  return new FlotillaError('INVALID_INPUT', `The master key file ${what}: ${file}. Nothing was changed.`, {
    details: { file },
    hint: 'Restore master.key from a backup (32 bytes as base64, mode 0600). Without it the stored secrets cannot be read.',
    cause,
  });
}
