import { createPrivateKey, type KeyObject } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { ed25519AsOpenSsh } from './openssh-format.ts';

/** A private key that cannot be used; the message says why and never holds key material. */
export class KeyProblem extends Error {
  readonly kind: 'unreadable' | 'passphrase_needed' | 'passphrase_wrong' | 'unsupported';

  constructor(kind: KeyProblem['kind'], message: string) {
    super(message);
    this.name = 'KeyProblem';
    this.kind = kind;
  }
}

/**
 * A private key in OpenSSH, PEM (PKCS#1, SEC1), PKCS#8 or PuTTY form. KeyProblem otherwise.
 * Decrypting an OpenSSH key takes some 100 ms of CPU (bcrypt).
 */
export function parsePrivateKey(text: string, passphrase?: string): ParsedKey {
  const encrypted = isEncrypted(text);
  if (encrypted && !passphrase)
    throw new KeyProblem('passphrase_needed', 'it is encrypted: its passphrase is needed');
  const source = isPkcs8(text) ? fromPkcs8(text, passphrase) : text;
  const parsed = attempt(() => ssh2.utils.parseKey(source, encrypted ? passphrase : undefined));
  if (parsed instanceof Error) {
    if (encrypted && !/unsupported|not supported/i.test(parsed.message)) throw wrongPassphrase();
    throw new KeyProblem('unsupported', unsupportedText(text));
  }
  const [key] = Array.isArray(parsed) ? parsed : [parsed];
  if (!key?.isPrivateKey())
    throw new KeyProblem('unsupported', 'it is a public key, the private one is needed');
  return key;
}

const isPkcs8 = (text: string): boolean => /-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text);

/** Tells by the file's framing alone whether a passphrase is needed. */
export function isEncrypted(text: string): boolean {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED|^Encryption: (?!none)/m.test(text))
    return true;
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)/.exec(text)?.[1];
  if (body === undefined) return false;
  const magic = 'openssh-key-v1\0';
  const bytes = Buffer.from(body, 'base64');
  return (
    bytes.length > magic.length + 8 && bytes.toString('latin1', magic.length + 4, magic.length + 8) !== 'none'
  );
}

/** ssh2 reads no PKCS#8: OpenSSL rewrites the key in a form it takes. */
function fromPkcs8(text: string, passphrase: string | undefined): string {
  const key = attempt(() => createPrivateKey({ key: text, format: 'pem', passphrase: passphrase ?? '' }));
  if (key instanceof Error) {
    if (isEncrypted(text)) throw wrongPassphrase();
    throw new KeyProblem('unsupported', unsupportedText(text));
  }
  return inSshForm(key);
}

function inSshForm(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    case 'ec':
      return key.export({ type: 'sec1', format: 'pem' }).toString();
    case 'ed25519':
      return ed25519AsOpenSsh(key);
    default:
      throw new KeyProblem('unsupported', `a ${key.asymmetricKeyType} key is not usable for SSH`);
  }
}

function attempt<T>(action: () => T): T | Error {
  try {
    return action();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const wrongPassphrase = (): KeyProblem =>
  new KeyProblem('passphrase_wrong', 'its passphrase is wrong, or the file is damaged');

function unsupportedText(text: string): string {
  if (!text.includes('PRIVATE KEY') && !text.startsWith('PuTTY-User-Key-File'))
    return 'it is not a private key file';
  return 'its form is not supported or it is damaged; add the key to an SSH agent instead, or convert it with: ssh-keygen -p -f FILE';
}
