import type { KeyObject } from 'node:crypto';

/** A length-prefixed string of the SSH wire format (RFC 4251 section 5). */
export function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const out = Buffer.alloc(4 + bytes.length);
  out.writeUInt32BE(bytes.length);
  bytes.copy(out, 4);
  return out;
}

/** An unencrypted ed25519 key in OpenSSH's own file form (PROTOCOL.key), the only one ssh2 takes for this type. */
export function ed25519AsOpenSsh(key: KeyObject): string {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  const seed = Buffer.from(d, 'base64url');
  const point = Buffer.from(x, 'base64url');
  const type = sshString('ssh-ed25519');
  const check = Buffer.alloc(8);
  const secret = [check, type, sshString(point), sshString(Buffer.concat([seed, point])), sshString('')];
  const length = secret.reduce((sum, part) => sum + part.length, 0);
  const padding = Buffer.from(Array.from({ length: (8 - (length % 8)) % 8 }, (_, index) => index + 1));
  const one = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[sshString('none'), sshString('none'), sshString(''), one],
    sshString(Buffer.concat([type, sshString(point)])),
    sshString(Buffer.concat([...secret, padding])),
  ]);
  const body = file.toString('base64').replace(/.{70}/g, '$&\n');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
