import { expect, test } from 'vitest';
import { assistant, open, person, web1 } from './temp-vault.ts';

test('a new host has defaults, and its record opens its secrets', async () => {
  const { inventory } = await open();
  const saved = await inventory.save(
    {
      ...web1,
      password: 'canary-password',
      keyPath: '/home/me/.ssh/id',
      passphrase: 'pp-canary',
      tags: ['b', 'a'],
    },
    assistant,
  );
  expect(saved).toMatchObject({
    created: true,
    dropped: [],
    host: { port: 22, secrets: ['password', 'passphrase'] },
  });
  expect(JSON.stringify(saved)).not.toContain('canary');
  expect(inventory.record('web1')).toEqual({
    alias: 'web1',
    host: '203.0.113.7',
    port: 22,
    user: 'deploy',
    keyPath: '/home/me/.ssh/id',
    password: 'canary-password',
    passphrase: 'pp-canary',
    hostKeys: [],
    sudo: 'none',
    transport: 'ssh',
    revision: 1,
  });
  expect(inventory.resolve('web1')).toEqual([
    { alias: 'web1', host: '203.0.113.7', port: 22, user: 'deploy', groups: [], tags: ['a', 'b'] },
  ]);
});

test('what another process wrote is seen at once', async () => {
  const one = await open();
  const two = await open(one.folder);
  await one.inventory.save({ ...web1, password: 'first-password' }, assistant);
  expect(two.inventory.record('web1').password).toBe('first-password');
  expect(two.inventory.secretValues()).toEqual(['first-password']);
  await one.inventory.save({ alias: 'web1', password: 'second-password' }, assistant);
  expect(two.inventory.record('web1').password).toBe('second-password');
  expect(two.inventory.secretValues()).toEqual(['second-password']);
  await one.inventory.remove('web1', person);
  expect(two.inventory.find('web1')).toBeUndefined();
  expect(two.inventory.secretValues()).toEqual([]);
});

test('a new host without an address, and a value that does not fit, are refused by name', async () => {
  const { inventory } = await open();
  const refused = (input: Parameters<typeof inventory.save>[0]): Promise<unknown> =>
    inventory.save(input, person);
  await expect(refused({ alias: 'x', user: 'u' })).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    details: { missing: ['host'] },
  });
  await expect(refused({ ...web1, alias: 'group:x' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(refused({ ...web1, alias: 'all' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(refused({ ...web1, host: '-oProxyCommand=x' })).rejects.toThrow(/host: /);
  await expect(refused({ ...web1, user: '-l root' })).rejects.toThrow(/user: /);
  await expect(refused({ ...web1, port: 70_000 })).rejects.toThrow(/port: /);
  await expect(refused({ ...web1, keyPath: 'relative/id' })).rejects.toThrow(/keyPath: /);
  await expect(refused({ ...web1, hostKey: 'MD5:aa' })).rejects.toThrow(/hostKey/);
  const secret = await refused({ ...web1, password: 'two\nlines-canary' }).catch((error: unknown) => error);
  expect(JSON.stringify(secret) + String(secret)).not.toContain('canary');
  expect(inventory.list()).toEqual([]);
});

test('an alias may begin with a reserved word', async () => {
  const { inventory } = await open();
  await inventory.save({ ...web1, alias: 'allspark' }, assistant);
  expect(inventory.resolve('allspark')).toHaveLength(1);
});

test('lists are filtered by group, environment, tag and text', async () => {
  const { inventory } = await open();
  await inventory.save({ ...web1, groups: ['web'], env: 'prod', tags: ['eu'] }, assistant);
  await inventory.save({ ...web1, alias: 'db1', host: 'db.example.org', env: 'staging' }, assistant);
  const names = (filter: Parameters<typeof inventory.list>[0]): string[] =>
    inventory.list(filter).map((entry) => entry.alias);
  expect(names({})).toEqual(['db1', 'web1']);
  expect(names({ group: 'web' })).toEqual(['web1']);
  expect(names({ env: 'staging' })).toEqual(['db1']);
  expect(names({ tag: 'eu' })).toEqual(['web1']);
  expect(names({ text: 'EXAMPLE' })).toEqual(['db1']);
  expect(names({ text: 'prod', env: 'staging' })).toEqual([]);
});

test('facts and the time of the last answer are kept, without a new revision', async () => {
  const { inventory } = await open();
  const { host } = await inventory.save(web1, assistant);
  await inventory.seen('web1', { os: 'Debian 12' });
  await inventory.seen('web1');
  await inventory.seen('nobody');
  const entry = inventory.get('web1');
  expect(entry).toMatchObject({ facts: { os: 'Debian 12' }, revision: host.revision });
  expect(entry.lastSeen).toBeGreaterThanOrEqual(entry.addedAt);
});

test('the own agent is the one of the process that connects, another one is kept as a path', async () => {
  const { folder, inventory } = await open(undefined, '/run/agent.1');
  await inventory.save({ ...web1, agent: true }, assistant);
  expect(inventory.record('web1').agentSocket).toBe('/run/agent.1');
  const other = await open(folder);
  expect(other.inventory.record('web1').agentSocket).toBeUndefined();
  await expect(inventory.save({ alias: 'web1', agent: '/run/x' }, assistant)).rejects.toMatchObject({
    code: 'APPROVAL_REQUIRED',
  });
  await inventory.save({ alias: 'web1', agent: '/run/x' }, person);
  expect(inventory.record('web1').agentSocket).toBe('/run/x');
  await inventory.save({ alias: 'web1', agent: false }, assistant);
  expect(inventory.record('web1').agentSocket).toBeUndefined();
});
