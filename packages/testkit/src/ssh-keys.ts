import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface KeyOptions {
  /** Folder the files are written to. */
  folder: string;
  /** Default ed25519. */
  type?: 'ed25519' | 'rsa' | 'ecdsa';
  bits?: number;
  passphrase?: string;
  /** File format, default OpenSSH's own; `pem` = PKCS#1 or SEC1, not for ed25519. */
  format?: 'openssh' | 'pem' | 'pkcs8';
  name?: string;
}

export interface TestKey {
  path: string;
  /** One authorized_keys line. */
  publicKey: string;
  passphrase?: string;
  /** `SHA256:…` as ssh-keygen -lf prints it. */
  fingerprint: string;
}

let serial = 0;

/** A new key pair, made by ssh-keygen (PKCS#8 ed25519 by OpenSSL, since ssh-keygen cannot write it). */
export function makeKey(options: KeyOptions): TestKey {
  const { folder, type = 'ed25519', passphrase = '', format = 'openssh' } = options;
  const path = join(folder, options.name ?? `key_${type}_${++serial}`);
  if (format === 'pkcs8' && type === 'ed25519') writeEd25519Pkcs8(path, passphrase);
  else {
    const formatArgs = format === 'openssh' ? [] : ['-m', format === 'pem' ? 'PEM' : 'PKCS8'];
    const bits = options.bits ? ['-b', String(options.bits)] : [];
    // One round: reading a key with a passphrase takes half a second of computing otherwise.
    execFileSync(
      'ssh-keygen',
      ['-q', '-t', type, ...bits, ...formatArgs, '-a', '1', '-N', passphrase, '-C', 'testkit', '-f', path],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  }
  const publicKey = readFileSync(`${path}.pub`, 'utf8').trim();
  return {
    path,
    publicKey,
    fingerprint: fingerprintOf(`${path}.pub`),
    ...(passphrase ? { passphrase } : {}),
  };
}

/** What `ssh-keygen -lf` says of a key file. */
export function fingerprintOf(path: string): string {
  return execFileSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' }).split(' ')[1] ?? '';
}

function writeEd25519Pkcs8(path: string, passphrase: string): void {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const cipher = passphrase ? { cipher: 'aes-256-cbc', passphrase } : {};
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }), { mode: 0o600 });
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const part = (bytes: Buffer): Buffer[] => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  };
  const blob = Buffer.concat([...part(Buffer.from('ssh-ed25519')), ...part(raw)]);
  writeFileSync(`${path}.pub`, `ssh-ed25519 ${blob.toString('base64')} testkit\n`);
}
