import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCipher, createInventory, createSecrets, openVault } from '../src/index.ts';
import { makeKeyFile } from '../src/vault/master-key.ts';
import { allBytes, assistant, open, openStore, person, tempFolder, web1 } from './temp-vault.ts';

const KEY = Buffer.alloc(32, 7).toString('hex');

test('any text comes back, only under its key and its context, and never twice the same', () => {
  const cipher = createCipher(Buffer.alloc(32, 1));
  const other = createCipher(Buffer.alloc(32, 2));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
      const sealed = cipher.bind(context).seal(text);
      expect(cipher.bind(context).open(sealed)).toBe(text);
      expect(cipher.bind(context).seal(text)).not.toBe(sealed);
      expect(() => cipher.bind(`${context}x`).open(sealed)).toThrow(/cannot be decrypted/);
      expect(() => other.bind(context).open(sealed)).toThrow(/cannot be decrypted/);
    }),
  );
});

test('a sealed value with any one character changed or cut off does not open', () => {
  const cipher = createCipher(Buffer.alloc(32, 1));
  const sealed = cipher.seal('a password of some length');
  for (let at = 0; at < sealed.length - 1; at++) {
    const flipped = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
    expect(() => cipher.open(flipped)).toThrow(/cannot be decrypted/);
    expect(() => cipher.open(sealed.slice(0, at))).toThrow(/cannot be decrypted/);
  }
});

test('a value that is copied to another host or column does not open there', async () => {
  const { inventory, store } = await open();
  await inventory.save({ ...web1, password: 'pw-canary' }, assistant);
  await inventory.save({ ...web1, alias: 'web2', password: 'other-pw' }, assistant);
  await store.write((sql) =>
    sql.run(`UPDATE host SET sealed_password = (SELECT sealed_password FROM host WHERE alias = 'web1')
             WHERE alias = 'web2'`),
  );
  expect(() => inventory.record('web2')).toThrow(/cannot be decrypted/);
  expect(inventory.record('web1').password).toBe('pw-canary');
});

test('the key file is private, holds 32 bytes, and is found again', async () => {
  const { folder, inventory, vault } = await open();
  await inventory.save({ ...web1, password: 'pw-canary' }, assistant);
  const file = join(folder, 'master.key');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toHaveLength(32);
  expect(readdirSync(folder).filter((name) => name.startsWith('master.key'))).toEqual(['master.key']);
  const again = await open(folder);
  expect(again.inventory.record('web1').password).toBe('pw-canary');
  expect(again.vault.keyId).toBe(vault.keyId);
  expect(again.vault.deriveKey('audit')).toEqual(vault.deriveKey('audit'));
  expect(again.vault.deriveKey('audit')).not.toEqual(vault.deriveKey('approval'));
});

test('a key file that others may read is made private', async () => {
  const { folder } = await open();
  const file = join(folder, 'master.key');
  const { chmodSync } = await import('node:fs');
  chmodSync(file, 0o644);
  await open(folder);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a wrong key is said, and nothing is overwritten', async () => {
  const { folder, store, inventory } = await open();
  await inventory.save({ ...web1, password: 'pw-canary' }, assistant);
  const file = join(folder, 'master.key');
  const right = readFileSync(file);
  const refused = async (code: string, words: RegExp, masterKey?: string): Promise<void> => {
    const before = allBytes(folder);
    await expect(openVault({ store, dataDir: folder, masterKey })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(words),
    });
    expect(allBytes(folder)).toBe(before);
  };
  await refused('INVALID_INPUT', /does not fit/, KEY);
  await refused('INVALID_INPUT', /does not fit/, 'a long enough passphrase');
  await refused('INVALID_INPUT', /too short/, 'short');
  writeFileSync(file, `${Buffer.alloc(32, 9).toString('base64')}\n`);
  await refused('INVALID_INPUT', /does not fit/);
  writeFileSync(file, 'half a k');
  await refused('INVALID_INPUT', /damaged/);
  rmSync(file);
  await refused('NOT_FOUND', /gone/);
  writeFileSync(file, right, { mode: 0o600 });
  expect((await open(folder)).inventory.record('web1').password).toBe('pw-canary');
});

test.each([KEY, Buffer.alloc(32, 7).toString('base64'), 'correct horse battery staple'])(
  'a master key from outside is used and leaves no key file: %s',
  async (masterKey) => {
    const folder = tempFolder();
    const store = openStore(folder);
    const first = await openVault({ store, dataDir: folder, masterKey });
    const inventory = createInventory({ store, cipher: first.cipher });
    await inventory.save({ ...web1, password: 'pw-canary' }, person);
    const second = await openVault({ store, dataDir: folder, masterKey: `${masterKey}\n` });
    expect(createInventory({ store, cipher: second.cipher }).record('web1').password).toBe('pw-canary');
    expect(readdirSync(folder)).not.toContain('master.key');
    expect(allBytes(folder)).not.toContain(masterKey);
  },
);

test('the same passphrase gives different keys in different folders', async () => {
  const keys = await Promise.all(
    [tempFolder(), tempFolder()].map((dataDir) =>
      openVault({ store: openStore(dataDir), dataDir, masterKey: 'correct horse battery staple' }),
    ),
  );
  expect(keys[0]?.keyId).not.toBe(keys[1]?.keyId);
});

test('named secrets are kept sealed, and a missing one names the nearest', async () => {
  const { store, vault, inventory, folder } = await open();
  const secrets = createSecrets({ store, cipher: vault.cipher });
  await secrets.set('grafana-token', 'canary-grafana');
  expect(secrets.get('grafana-token')).toBe('canary-grafana');
  expect(inventory.secretValues()).toEqual(['canary-grafana']);
  await secrets.set('grafana-token', 'canary-renewed');
  expect(secrets.get('grafana-token')).toBe('canary-renewed');
  expect(inventory.secretValues()).toEqual(['canary-renewed']);
  expect(secrets.list()).toMatchObject([{ name: 'grafana-token' }]);
  expect(() => secrets.get('grafana-tokn')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  await expect(secrets.set('a b', 'x')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(allBytes(folder)).not.toContain('canary');
  expect(await secrets.remove('grafana-token')).toBe(true);
  expect(await secrets.remove('grafana-token')).toBe(false);
  expect(inventory.secretValues()).toEqual([]);
});

test('one damaged value does not keep the others from the redactor', async () => {
  const { inventory, store } = await open();
  await inventory.save({ ...web1, password: 'good-password' }, assistant);
  await inventory.save({ ...web1, alias: 'web2', password: 'lost-password' }, assistant);
  await store.write((sql) => {
    sql.run("UPDATE host SET sealed_password = 'v1.xxxx' WHERE alias = 'web2'");
    sql.run("UPDATE inventory_counter SET value = value + 1 WHERE name = 'secrets'");
  });
  expect(inventory.secretValues()).toEqual(['good-password']);
});

test('a copy of the data folder without its key is useless', async () => {
  const { folder, inventory, store } = await open();
  await inventory.save({ ...web1, password: 'pw-canary' }, assistant);
  await store.close();
  const stolen = tempFolder();
  copyFileSync(join(folder, 'state.sqlite'), join(stolen, 'state.sqlite'));
  await expect(open(stolen)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(readdirSync(stolen)).not.toContain('master.key');
});

test('a key that another process made first is taken over', () => {
  const folder = tempFolder();
  const first = makeKeyFile(folder);
  expect(makeKeyFile(folder)).toEqual(first);
  expect(readdirSync(folder)).toEqual(['master.key']);
});
