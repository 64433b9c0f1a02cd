import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import { codeOf } from '../connect/failures.ts';
import { KeyProblem, parsePrivateKey } from './private-key.ts';

/** Reads private keys and remembers them while their files do not change: decrypting one is slow. */
export interface KeyFiles {
  /** KeyProblem when the file cannot be read or used. */
  load(path: string, passphrase?: string): Promise<ParsedKey>;
  /** As `load` for a key that was read elsewhere. */
  parse(text: string, passphrase?: string): ParsedKey;
}

const MAX_BYTES = 64 * 1024;
const MAX_KEYS = 64;

export function keyFiles(): KeyFiles {
  const known = new Map<string, ParsedKey>();
  const parsed = (path: string, text: string, passphrase?: string): ParsedKey => {
    const id = createHash('sha256')
      .update(`${path}\0${passphrase ?? ''}\0${text}`)
      .digest('base64');
    const key = known.get(id) ?? parsePrivateKey(text, passphrase);
    known.delete(id);
    known.set(id, key);
    const [oldest] = known.keys();
    if (known.size > MAX_KEYS && oldest !== undefined) known.delete(oldest);
    return key;
  };
  return {
    load: async (path, passphrase) => parsed(path, await readKeyFile(path), passphrase),
    parse: (text, passphrase) => parsed('', text, passphrase),
  };
}

async function readKeyFile(path: string): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > MAX_BYTES)
      throw new KeyProblem('unsupported', 'it is not a private key file');
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof KeyProblem) throw error;
    throw new KeyProblem('unreadable', `it cannot be read (${REASONS[codeOf(error)] ?? codeOf(error)})`);
  }
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
};
