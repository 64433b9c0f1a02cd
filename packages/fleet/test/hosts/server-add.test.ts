import { copyFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bytesUnder, type HostWorld, PERSON, startHostWorld } from './host-world.ts';

let world: HostWorld;
beforeEach(async () => {
  world = await startHostWorld();
});
afterEach(() => world.stop());

const address = (): { host: string; port: number; user: string } => {
  const { host, port, user } = world.sshd;
  return { host, port, user };
};

test('registers a host, logs in, and answers with facts and the fingerprint that it pinned', async () => {
  const { data, words, isError } = await world.call('server_add', {
    alias: 'web1',
    ...address(),
    keyPath: '~/.ssh/id_ed25519',
  });
  expect(isError).toBe(false);
  expect(data).toMatchObject({
    alias: 'web1',
    created: true,
    verified: true,
    dropped: [],
    fingerprints: [world.sshd.fingerprint],
    facts: {
      user: world.sshd.user,
      sshd: expect.stringMatching(/^OpenSSH_/),
      programs: expect.arrayContaining(['setsid', 'proc']),
    },
  });
  expect(words).toContain(world.sshd.fingerprint);
  expect(words).toMatch(/^web1 is registered: .*\nLogin works\. /);
  const entry = world.inventory.get('web1');
  expect(entry.hostKeys).toEqual([{ type: 'ssh-ed25519', fingerprint: world.sshd.fingerprint }]);
  expect(entry.lastSeen).toBeGreaterThan(0);
  expect(entry.facts).toMatchObject({ user: world.sshd.user });
});

test('a new host without a login gets the usual key and the agent', async () => {
  const { data } = await world.call('server_add', { alias: 'web1', ...address() });
  expect(data).toMatchObject({ verified: true });
  expect(world.inventory.get('web1')).toMatchObject({ keyPath: world.keyPath, agent: true });
});

test('a login that fails is said, and the host can be corrected with a second call', async () => {
  rmSync(world.keyPath);
  const first = await world.call('server_add', {
    alias: 'web1',
    ...address(),
    password: 'canary-wrong-password',
  });
  expect(first.isError).toBe(true);
  expect(first.data).toMatchObject({ created: true, verified: false, failure: { code: 'AUTH_FAILED' } });
  expect(first.words).toMatch(/could not be verified: AUTH_FAILED/);
  copyFileSync(world.sshd.keyPath, world.keyPath);
  const second = await world.call('server_add', { alias: 'web1', ...address(), keyPath: world.keyPath });
  expect(second.data).toMatchObject({ created: false, verified: true, changed: ['keyPath'] });
});

test('an address where nobody listens is CONNECTION_FAILED, and verify: false asks nobody', async () => {
  const nowhere = { ...address(), port: await freePort() };
  const { data } = await world.call('server_add', { alias: 'down', ...nowhere });
  expect(data).toMatchObject({ verified: false, failure: { code: 'CONNECTION_FAILED' } });
  const quiet = await world.call('server_add', { alias: 'down2', ...nowhere, verify: false });
  expect(quiet.isError).toBe(false);
  expect(quiet.data).toMatchObject({ created: true, verified: false });
  expect(quiet.data).not.toHaveProperty('failure');
});

test('another key than the pinned one is HOST_KEY_MISMATCH', async () => {
  const hostKey = `SHA256:${'A'.repeat(43)}`;
  const { data } = await world.call('server_add', { alias: 'web1', ...address(), hostKey }, PERSON);
  expect(data).toMatchObject({
    verified: false,
    failure: { code: 'HOST_KEY_MISMATCH' },
    fingerprints: [hostKey],
  });
});

test('through a bastion', async () => {
  await world.call('server_add', { alias: 'edge', ...address() });
  const { data } = await world.call('server_add', { alias: 'inner', ...address(), jump: 'edge' });
  expect(data).toMatchObject({ verified: true });
  expect((await world.call('server_add', { alias: 'x', ...address(), jump: 'egde' })).data).toMatchObject({
    code: 'NOT_FOUND',
    details: { nearest: 'edge' },
  });
});

test('what only a person may set is refused to an assistant, and nothing is changed', async () => {
  const key = join(world.homedir, 'key-elsewhere');
  copyFileSync(world.sshd.keyPath, key);
  symlinkSync(key, join(world.homedir, '.ssh', 'link'));
  const attempts: Record<string, unknown>[] = [
    { hostKey: world.sshd.fingerprint },
    { protected: true },
    { transport: 'local' },
    { keyPath: key },
    { keyPath: '~/.ssh/../key-elsewhere' },
    { keyPath: '~/.ssh/link' },
    { keyPath: '/etc/shadow' },
  ];
  for (const attempt of attempts) {
    const { data } = await world.call('server_add', { alias: 'web1', ...address(), ...attempt });
    expect(data, JSON.stringify(attempt)).toMatchObject({ code: 'APPROVAL_REQUIRED' });
  }
  expect(world.inventory.list()).toEqual([]);
  const { data } = await world.call(
    'server_add',
    { alias: 'web1', ...address(), keyPath: key, hostKey: world.sshd.fingerprint, protected: true },
    PERSON,
  );
  expect(data).toMatchObject({ verified: true });
  const again = await world.call('server_add', { alias: 'web1', ...address(), keyPath: key, tags: ['x'] });
  expect(again.data).toMatchObject({ changed: ['tags'] });
});

test('an assistant cannot move a known alias; a person can, and its secrets are gone', async () => {
  await world.call('server_add', {
    alias: 'web1',
    ...address(),
    password: 'canary-password',
    keyPath: world.keyPath,
  });
  const moved = { alias: 'web1', ...address(), host: 'localhost' };
  const refused = await world.call('server_add', moved);
  expect(refused.data).toMatchObject({
    code: 'APPROVAL_REQUIRED',
    details: { fields: ['host'], dropped: ['password', world.sshd.fingerprint] },
  });
  expect(world.inventory.record('web1').password).toBe('canary-password');
  const done = await world.call('server_add', moved, PERSON);
  expect(done.data).toMatchObject({
    changed: ['host'],
    dropped: ['password', world.sshd.fingerprint],
    verified: true,
  });
  expect(done.words).toContain('Dropped: password');
  expect(world.inventory.record('web1')).not.toHaveProperty('password');
});

test('the connection to the machine that the alias meant before is closed', async () => {
  await world.call('server_add', { alias: 'web1', ...address() });
  const open = (): number => world.links.stats().find((link) => link.alias === 'web1')?.connections ?? 0;
  expect(open()).toBe(1);
  await world.call('server_add', { alias: 'web1', ...address(), host: '127.0.0.2', verify: false }, PERSON);
  expect(open()).toBe(0);
});

test('a changed password alone closes no other alias and needs nobody', async () => {
  await world.call('server_add', { alias: 'web1', ...address(), readonly: true });
  const { data } = await world.call('server_add', {
    alias: 'web1',
    ...address(),
    password: 'canary-2',
    readonly: true,
  });
  expect(data).toMatchObject({ changed: ['password'], dropped: [], verified: true });
  const lifted = await world.call('server_add', { alias: 'web1', ...address(), readonly: false });
  expect(lifted.data).toMatchObject({ code: 'APPROVAL_REQUIRED' });
});

test('wrong arguments are named', async () => {
  const refused = async (args: Record<string, unknown>, what: RegExp): Promise<void> => {
    const { data, words } = await world.call('server_add', { alias: 'web1', ...address(), ...args });
    expect(data).toMatchObject({ code: 'INVALID_INPUT' });
    expect(words + JSON.stringify(data)).toMatch(what);
  };
  await refused({ alias: 'all' }, /alias/);
  await refused({ alias: 'a b' }, /alias/);
  await refused({ host: 'a;reboot' }, /host/);
  await refused({ port: 0 }, /port/);
  await refused({ colour: 'red' }, /colour/);
  await refused({ keyPath: '~/.ssh/none' }, /no key at/);
  await refused({ keyPath: 'id_ed25519' }, /absolute/);
  await refused({ password: 'canary\nnewline' }, /password/);
  await refused({ user: 'x'.repeat(1_000_000) }, /user/);
});

test('no secret is ever in the data folder, an answer or the audit log but encrypted', async () => {
  const secrets = { password: 'canary-pw-1', passphrase: 'canary-pp-1', sudoPassword: 'canary-su-1' };
  const answers = [
    await world.call('server_add', { alias: 'web1', ...address(), ...secrets }),
    await world.call('server_add', { alias: 'web2', ...address(), ...secrets, port: 'canary-port' }),
    await world.call('server_add', { alias: 'web1', ...address(), ...secrets, host: 'moved' }),
    await world.call('server_list'),
    await world.call('server_test', { alias: 'all' }),
    await world.call('server_remove', { alias: 'web1' }),
  ];
  await world.audit.flush();
  const everything =
    JSON.stringify([answers, world.audit.search({ limit: 100 })]) + bytesUnder(world.dataDir);
  for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
});

test('ten hosts added at once are all kept', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      world.call('server_add', { alias: `web${n}`, ...address(), groups: ['web'] }),
    ),
  );
  expect(answers.map((answer) => answer.data['verified'])).toEqual(Array(10).fill(true));
  expect(world.inventory.resolve('group:web')).toHaveLength(10);
});
