import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeKey, tempDir } from '@flotilla/testkit';
import type { ParsedKey } from 'ssh2';
import { afterAll, expect, test } from 'vitest';
import { fingerprint } from '../../src/keys/fingerprint.ts';
import { keyFiles } from '../../src/keys/key-files.ts';
import { isEncrypted, parsePrivateKey } from '../../src/keys/private-key.ts';

const folder = tempDir();
afterAll(() => folder.remove());

const forms = [
  ['ed25519', 'openssh'],
  ['ed25519', 'pkcs8'],
  ['rsa', 'openssh'],
  ['rsa', 'pem'],
  ['rsa', 'pkcs8'],
  ['ecdsa', 'openssh'],
  ['ecdsa', 'pem'],
  ['ecdsa', 'pkcs8'],
] as const;

const fingerprintOfParsed = (key: ParsedKey): string => fingerprint(key.getPublicSSH());

for (const passphrase of ['', 'correct horse'])
  test.each(forms)(`%s in %s form, passphrase "${passphrase}"`, (type, format) => {
    const key = makeKey({ folder: folder.path, type, format, passphrase });
    const text = readFileSync(key.path, 'utf8');
    expect(isEncrypted(text)).toBe(passphrase !== '');
    const parsed = parsePrivateKey(text, passphrase || undefined);
    expect(fingerprintOfParsed(parsed)).toBe(key.fingerprint);
    const data = Buffer.from('signed');
    expect(parsed.verify(data, parsed.sign(data))).toBe(true);
    if (passphrase === '') return;
    expect(() => parsePrivateKey(text)).toThrow(expect.objectContaining({ kind: 'passphrase_needed' }));
    expect(() => parsePrivateKey(text, 'wrong')).toThrow(
      expect.objectContaining({ kind: 'passphrase_wrong' }),
    );
  });

test('a passphrase given for a key without one does not harm', () => {
  const key = makeKey({ folder: folder.path });
  expect(fingerprintOfParsed(parsePrivateKey(readFileSync(key.path, 'utf8'), 'unused'))).toBe(
    key.fingerprint,
  );
});

test.each([
  ['nothing', '', 'not a private key file'],
  ['a text', 'hello\n', 'not a private key file'],
  [
    'a damaged key',
    '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
    'ssh-keygen',
  ],
  ['a damaged PKCS#8 key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'ssh-keygen'],
])('%s is refused with a reason', (_name, text, reason) => {
  expect(() => parsePrivateKey(text)).toThrow(reason);
});

test('a public key is told apart', () => {
  const key = makeKey({ folder: folder.path });
  expect(() => parsePrivateKey(key.publicKey)).toThrow('public key');
});

test('the reason why a file cannot be read', async () => {
  const keys = keyFiles();
  await expect(keys.load(join(folder.path, 'none'))).rejects.toThrow('no such file');
  await expect(keys.load(folder.path)).rejects.toMatchObject({ name: 'KeyProblem' });
  await expect(keys.load('/dev/zero')).rejects.toThrow('not a private key file');
});

test('a key file that changed is read again, an unchanged one is not parsed twice', async () => {
  const keys = keyFiles();
  const first = makeKey({ folder: folder.path, passphrase: 'x', name: 'changing' });
  const loaded = await keys.load(first.path, 'x');
  expect(await keys.load(first.path, 'x')).toBe(loaded);
  await expect(keys.load(first.path, 'y')).rejects.toMatchObject({ kind: 'passphrase_wrong' });
  const second = makeKey({ folder: folder.path });
  writeFileSync(first.path, readFileSync(second.path));
  expect(fingerprintOfParsed(await keys.load(first.path))).toBe(second.fingerprint);
});
