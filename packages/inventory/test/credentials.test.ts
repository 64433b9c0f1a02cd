import { expect, test } from 'vitest';
import type { HostInput, SaveResult } from '../src/index.ts';
import { assistant, type Opened, open, person, web1 } from './temp-vault.ts';

const KEY_A = `SHA256:${'a'.repeat(43)}`;
const KEY_B = `SHA256:${'b'.repeat(43)}`;

async function withSecrets(): Promise<Opened> {
  const opened = await open();
  const { inventory } = opened;
  await inventory.save({ ...web1, alias: 'bastion' }, assistant);
  await inventory.save(
    { ...web1, password: 'pw-canary', passphrase: 'pp-canary', sudo: 'password', sudoPassword: 'su-canary' },
    assistant,
  );
  await inventory.pinHostKey('web1', { type: 'ssh-ed25519', fingerprint: KEY_A });
  await inventory.seen('web1', { os: 'Debian' });
  return opened;
}

const redirections: [string, Partial<HostInput>][] = [
  ['host', { host: '198.51.100.66' }],
  ['port', { port: 2222 }],
  ['user', { user: 'root' }],
  ['jump', { jump: 'bastion' }],
  ['hostKey', { hostKey: KEY_B }],
  ['hostKey', { hostKey: null }],
  ['transport', { transport: 'local' }],
];

test.each(redirections)('an assistant cannot change %s of a known alias: %o', async (field, change) => {
  const { inventory } = await withSecrets();
  const before = inventory.record('web1');
  const input = { alias: 'web1', ...change };
  expect(inventory.preview(input)).toMatchObject({
    created: false,
    needsPerson: [field],
    dropped: ['password', 'passphrase', 'sudoPassword', KEY_A],
  });
  await expect(inventory.save(input, assistant)).rejects.toMatchObject({
    code: 'APPROVAL_REQUIRED',
    details: { fields: [field], dropped: ['password', 'passphrase', 'sudoPassword', KEY_A] },
  });
  expect(inventory.record('web1')).toEqual(before);
});

test.each(redirections)(
  'a person who changes %s loses secrets and pins of the old machine: %o',
  async (_, change) => {
    const { inventory } = await withSecrets();
    const before = inventory.record('web1');
    await inventory.save({ alias: 'web1', ...change }, person);
    const after = inventory.record('web1');
    expect(after.password).toBeUndefined();
    expect(after.passphrase).toBeUndefined();
    expect(after.sudoPassword).toBeUndefined();
    expect(after.hostKeys.map((pin) => pin.fingerprint)).toEqual(change.hostKey === KEY_B ? [KEY_B] : []);
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(inventory.get('web1').facts).toBeUndefined();
    expect(inventory.secretValues()).toEqual([]);
  },
);

test('a redirection with a new password keeps only the new one', async () => {
  const { inventory } = await withSecrets();
  const saved = await inventory.save(
    { alias: 'web1', host: 'new.example', password: 'new-password' },
    person,
  );
  expect(saved.dropped).toEqual(['passphrase', 'sudoPassword', KEY_A]);
  expect(inventory.record('web1')).toMatchObject({ password: 'new-password', hostKeys: [] });
  expect(inventory.secretValues()).toEqual(['new-password']);
});

test('the same values again, and fields that name no other machine, are free to an assistant', async () => {
  const { inventory } = await withSecrets();
  const before = inventory.record('web1');
  const same = await inventory.save({ ...web1, port: 22, hostKey: KEY_A, transport: 'ssh' }, assistant);
  expect(same).toMatchObject({ changed: [], dropped: [], needsPerson: [] });
  expect(inventory.record('web1')).toEqual(before);
  const labels = await inventory.save(
    { alias: 'web1', groups: ['web'], tags: ['x'], env: 'prod' },
    assistant,
  );
  expect(labels.changed).toEqual(['env', 'groups', 'tags']);
  expect(inventory.record('web1').revision).toBe(before.revision);
  const login = await inventory.save({ alias: 'web1', password: 'other-password', keyPath: '/k' }, assistant);
  expect(login.changed).toEqual(['keyPath', 'password']);
  expect(inventory.record('web1').revision).toBeGreaterThan(before.revision);
  expect(inventory.record('web1').hostKeys).toHaveLength(1);
});

test('guards are set and lifted by a person only, except that anyone may make a host readonly', async () => {
  const { inventory } = await open();
  const refused = async (input: HostInput): Promise<void> => {
    await expect(inventory.save(input, assistant)).rejects.toMatchObject({ code: 'APPROVAL_REQUIRED' });
  };
  await refused({ ...web1, transport: 'local' });
  await refused({ ...web1, protected: true });
  await refused({ ...web1, hostKey: KEY_A });
  await inventory.save({ ...web1, readonly: true, protected: false }, assistant);
  await refused({ alias: 'web1', readonly: false });
  await inventory.save({ alias: 'web1', readonly: false, protected: true }, person);
  await refused({ alias: 'web1', protected: false });
  await expect(inventory.remove('web1', assistant)).rejects.toMatchObject({ code: 'APPROVAL_REQUIRED' });
  expect(inventory.get('web1')).toMatchObject({ protected: true });
  await inventory.remove('web1', person);
});

test('an alias that was removed and added again never gets an old revision', async () => {
  const { inventory } = await withSecrets();
  const before = inventory.record('web1').revision;
  await inventory.remove('web1', assistant);
  await inventory.save({ ...web1, host: '198.51.100.66' }, assistant);
  const record = inventory.record('web1');
  expect(record.revision).toBeGreaterThan(before);
  expect(record).not.toHaveProperty('password');
  expect(record.hostKeys).toEqual([]);
});

test('a changed bastion gives every host behind it a new revision', async () => {
  const { inventory } = await open();
  const add = (alias: string, jump?: string): Promise<SaveResult> =>
    inventory.save({ ...web1, alias, jump }, assistant);
  await add('edge');
  await add('inner', 'edge');
  await add('deep', 'inner');
  await add('other');
  const revisions = (): number[] =>
    ['inner', 'deep', 'other'].map((alias) => inventory.record(alias).revision);
  const [inner = 0, deep = 0, other = 0] = revisions();
  await inventory.save({ alias: 'edge', host: 'elsewhere.example' }, person);
  const after = revisions();
  expect(after[0]).toBeGreaterThan(inner);
  expect(after[1]).toBeGreaterThan(deep);
  expect(after[2]).toBe(other);
});

test('routes over bastions end somewhere, and a bastion in use stays', async () => {
  const { inventory } = await open();
  await expect(inventory.save({ ...web1, jump: 'nowhere' }, assistant)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  for (const [alias, jump] of [
    ['a', undefined],
    ['b', 'a'],
    ['c', 'b'],
  ] as const) {
    await inventory.save({ ...web1, alias, jump }, assistant);
  }
  await expect(inventory.save({ alias: 'a', jump: 'c' }, person)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    details: { route: ['a', 'c', 'b', 'a'] },
  });
  await expect(inventory.save({ alias: 'a', jump: 'a' }, person)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
  await expect(inventory.remove('a', person)).rejects.toMatchObject({
    code: 'CONFLICT',
    details: { dependents: ['b', 'c'] },
  });
  await inventory.save({ alias: 'b', jump: null }, person);
  await inventory.remove('a', person);
  for (let hop = 0; hop < 7; hop++) {
    await inventory.save({ ...web1, alias: `hop${hop}`, jump: hop === 0 ? 'c' : `hop${hop - 1}` }, assistant);
  }
  await expect(inventory.save({ ...web1, alias: 'far', jump: 'hop6' }, assistant)).rejects.toThrow(
    /more than 8/,
  );
});

test('the first key is pinned, another one is a conflict, a changed record pins nothing', async () => {
  const { inventory } = await open();
  const first = await inventory.save(web1, assistant);
  const pin = { type: 'ssh-ed25519', fingerprint: KEY_A };
  await inventory.pinHostKey('web1', pin, first.host.revision);
  await inventory.pinHostKey('web1', pin, first.host.revision);
  expect(inventory.record('web1')).toMatchObject({ hostKeys: [pin], revision: first.host.revision });
  const other = { type: 'ssh-ed25519', fingerprint: KEY_B };
  await expect(inventory.pinHostKey('web1', other)).rejects.toMatchObject({ code: 'CONFLICT' });
  await inventory.save({ alias: 'web1', host: 'moved.example' }, person);
  await expect(inventory.pinHostKey('web1', pin, first.host.revision)).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  expect(inventory.record('web1').hostKeys).toEqual([]);
  await expect(inventory.pinHostKey('web2', pin)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('two processes that see two keys for a new host: one pin, one conflict', async () => {
  const one = await open();
  const two = await open(one.folder);
  await one.inventory.save(web1, assistant);
  const results = await Promise.allSettled([
    one.inventory.pinHostKey('web1', { type: 'ssh-ed25519', fingerprint: KEY_A }),
    two.inventory.pinHostKey('web1', { type: 'ssh-ed25519', fingerprint: KEY_B }),
  ]);
  expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(one.inventory.record('web1').hostKeys).toHaveLength(1);
});
