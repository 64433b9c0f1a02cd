import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { fingerprintOf, makeKey, tempDir } from '../src/index.ts';

const folder = tempDir();
afterAll(() => folder.remove());

test.each([
  ['ed25519', 'openssh', 'OPENSSH PRIVATE KEY'],
  ['ed25519', 'pkcs8', 'PRIVATE KEY'],
  ['rsa', 'pem', 'RSA PRIVATE KEY'],
  ['rsa', 'pkcs8', 'PRIVATE KEY'],
  ['ecdsa', 'pem', 'EC PRIVATE KEY'],
] as const)('%s key in %s form', (type, format, header) => {
  const key = makeKey({ folder: folder.path, type, format });
  expect(readFileSync(key.path, 'utf8')).toContain(`-----BEGIN ${header}-----`);
  expect(fingerprintOf(`${key.path}.pub`)).toBe(key.fingerprint);
});

test.each(['openssh', 'pkcs8'] as const)('an encrypted key in %s form says so', (format) => {
  const key = makeKey({ folder: folder.path, passphrase: 'open sesame', format });
  expect(key.passphrase).toBe('open sesame');
  const text = readFileSync(key.path, 'utf8');
  const body = Buffer.from(text.split('\n').slice(1, -2).join(''), 'base64').toString('latin1');
  expect(format === 'pkcs8' ? text : body).toMatch(/ENCRYPTED|bcrypt/);
});
