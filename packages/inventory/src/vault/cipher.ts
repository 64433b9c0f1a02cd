import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Cipher, FlotillaError } from '@flotilla/core';

const FORMAT = 'v1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A cipher whose values can be bound to the place they are stored at. */
export interface VaultCipher extends Cipher {
  /**
   * Values sealed here open only under the same context, e.g. `host/password/web1`: a sealed value that is
   * copied to another row or column does not open there.
   */
  bind(context: string): Cipher;
}

/** AES-256-GCM, a random 96-bit nonce per value (NIST SP 800-38D), `context` as associated data. */
export function createCipher(key: Uint8Array): VaultCipher {
  const bind = (context: string): Cipher => ({
    seal: (plain) => seal(key, context, plain),
    open: (sealed) => open(key, context, sealed),
  });
  return { ...bind(''), bind };
}

function seal(key: Uint8Array, context: string, plain: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associatedData(context));
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  return FORMAT + Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url');
}

function open(key: Uint8Array, context: string, sealed: string): string {
  const bytes = Buffer.from(sealed.slice(FORMAT.length), 'base64url');
  if (!sealed.startsWith(FORMAT) || bytes.length < NONCE_BYTES + TAG_BYTES) throw notOurs(context);
  const end = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associatedData(context));
  decipher.setAuthTag(bytes.subarray(end));
  try {
    return decipher.update(bytes.subarray(NONCE_BYTES, end), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw notOurs(context, cause);
  }
}

const associatedData = (context: string): Buffer => Buffer.from(`flotilla/${FORMAT}${context}`, 'utf8');

function notOurs(context: string, cause?: unknown): FlotillaError {
  return new FlotillaError('INTERNAL', 'A stored secret cannot be decrypted.', {
    details: { context },
    hint: 'It was written under another master key or altered. Set it again (server_add with the password), or restore the data folder from a backup together with its master.key.',
    cause,
  });
}
