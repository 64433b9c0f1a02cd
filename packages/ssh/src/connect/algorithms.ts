/// <reference path="./ssh2-internals.d.ts" />
import type { Algorithms, CipherAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';
import internals from 'ssh2/lib/protocol/crypto.js';

/** Whether ssh2 runs its native ciphers; without them bulk transfers are about a third slower. */
export const bindingAvailable: boolean = internals.bindingAvailable;

const CIPHERS: readonly CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];

const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

const keyTypeOf = (algorithm: string): string => (algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);

/**
 * What we offer a server. Host key types that are known for it come first, so that it shows the key that
 * can be compared. The native binding's chacha20 breaks under OpenSSL 3.5: it is offered without it only.
 */
export function offeredAlgorithms(
  knownKeyTypes: readonly string[],
  native = bindingAvailable,
): Algorithms & { cipher: CipherAlgorithm[]; serverHostKey: ServerHostKeyAlgorithm[] } {
  const known = HOST_KEYS.filter((algorithm) => knownKeyTypes.includes(keyTypeOf(algorithm)));
  const others = HOST_KEYS.filter((algorithm) => !known.includes(algorithm));
  return {
    cipher: native ? [...CIPHERS] : [...CIPHERS, 'chacha20-poly1305@openssh.com' as CipherAlgorithm],
    serverHostKey: [...known, ...others],
  };
}
