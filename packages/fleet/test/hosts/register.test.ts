import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkServerContract } from '@flotilla/core/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ASSISTANT, type HostWorld, PERSON, startHostWorld } from './host-world.ts';

let world: HostWorld;
beforeAll(async () => {
  world = await startHostWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  world.openRuns.length = 0;
  for (const { name } of world.inventory.groups()) await world.inventory.removeGroup(name);
  await removeAll();
  await save('web1', { groups: ['web'], env: 'prod', tags: ['eu'] });
  await save('web2', { groups: ['web'], readonly: true });
  await save('db1', { password: 'canary-password', env: 'staging' });
});

const save = (alias: string, more: Record<string, unknown> = {}): Promise<unknown> =>
  world.inventory.save({ alias, host: '203.0.113.7', user: 'deploy', ...more }, { person: true });
/** Hosts before their bastions. */
async function removeAll(): Promise<void> {
  const hosts = world.inventory
    .list()
    .sort((a, b) => Number(b.jump !== undefined) - Number(a.jump !== undefined));
  for (const { alias } of hosts) await world.inventory.remove(alias, { person: true });
}
const aliases = (rows: readonly Record<string, unknown>[]): unknown[] => rows.map((row) => row['alias']);

test('every tool keeps the contract', () => {
  const server = { name: 'fleet', title: 'Fleet', instructions: 'Hosts.', tools: world.tools };
  expect(checkServerContract(server)).toEqual([]);
});

test('the list is filtered, shows how a login is made, and never a secret', async () => {
  const all = await world.call('server_list');
  expect(aliases(all.rows)).toEqual(['db1', 'web1', 'web2']);
  expect(all.rows[0]).toMatchObject({
    auth: ['password'],
    connection: 'closed',
    sudo: 'none',
    env: 'staging',
  });
  expect(all.rows[2]).toMatchObject({ readonly: true, groups: ['web'] });
  expect(JSON.stringify(all)).not.toContain('canary');
  expect(all.words).toMatch(/^3 hosts\nALIAS +ADDRESS +GROUPS +ENV +TAGS +GUARD/);
  const listed = async (filter: Record<string, unknown>): Promise<unknown[]> =>
    aliases((await world.call('server_list', filter)).rows);
  expect(await listed({ group: 'web' })).toEqual(['web1', 'web2']);
  expect(await listed({ env: 'prod' })).toEqual(['web1']);
  expect(await listed({ tag: 'eu' })).toEqual(['web1']);
  expect(await listed({ text: 'DB' })).toEqual(['db1']);
  expect((await world.call('server_list', { text: 'nothing' })).words).toBe('No host matches.');
});

test('an empty register says how to begin', async () => {
  await removeAll();
  expect((await world.call('server_list')).words).toMatch(/server_add .* server_import/);
});

test('a host is forgotten with its groups', async () => {
  const { data, words } = await world.call('server_remove', { alias: 'web1' });
  expect(data).toEqual({
    alias: 'web1',
    host: '203.0.113.7',
    user: 'deploy',
    port: 22,
    groups: ['web'],
    openRuns: [],
  });
  expect(words).toMatch(/^web1 .* is forgotten/);
  expect((await world.call('server_remove', { alias: 'web1' })).data).toMatchObject({
    code: 'NOT_FOUND',
    details: { nearest: 'web2' },
  });
});

test('a host with open runs stays, and force is for a person', async () => {
  world.openRuns.push('run_1', 'run_2');
  expect((await world.call('server_remove', { alias: 'web1' })).data).toMatchObject({
    code: 'CONFLICT',
    details: { runs: ['run_1', 'run_2'] },
  });
  expect((await world.call('server_remove', { alias: 'web1', force: true })).data).toMatchObject({
    code: 'APPROVAL_REQUIRED',
  });
  expect((await world.call('server_remove', { alias: 'web1' }, PERSON)).data).toMatchObject({
    code: 'CONFLICT',
  });
  expect(world.inventory.find('web1')).toBeDefined();
  const { data } = await world.call('server_remove', { alias: 'web1', force: true }, PERSON);
  expect(data).toMatchObject({ openRuns: ['run_1', 'run_2'] });
});

test('a guarded host and a bastion are not simply removed', async () => {
  expect((await world.call('server_remove', { alias: 'web2' })).data).toMatchObject({
    code: 'APPROVAL_REQUIRED',
  });
  await save('behind', { jump: 'db1' });
  expect((await world.call('server_remove', { alias: 'db1' }, PERSON)).data).toMatchObject({
    code: 'CONFLICT',
    details: { dependents: ['behind'] },
  });
});

test('groups are listed, set and removed', async () => {
  expect((await world.call('server_group_list')).rows).toEqual([{ name: 'web', aliases: ['web1', 'web2'] }]);
  const set = await world.call('server_group_set', { name: 'web', aliases: ['db1', 'web1'] });
  expect(set.data).toEqual({ name: 'web', aliases: ['db1', 'web1'], added: ['db1'], removed: ['web2'] });
  expect(set.words).toBe('group:web has 2 hosts: added db1; removed web2.');
  expect((await world.call('server_group_set', { name: 'x', aliases: ['wbe1'] })).data).toMatchObject({
    code: 'NOT_FOUND',
  });
  expect((await world.call('server_group_set', { name: 'a b', aliases: [] })).data).toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect((await world.call('server_group_remove', { name: 'wbe' })).data).toMatchObject({
    code: 'NOT_FOUND',
    details: { nearest: 'web' },
  });
  expect((await world.call('server_group_remove', { name: 'web' })).data).toEqual({
    name: 'web',
    aliases: ['db1', 'web1'],
  });
  expect((await world.call('server_group_list')).words).toMatch(/There is no group/);
});

const CONFIG =
  'Host web1\n  HostName 198.51.100.66\nHost new1\n  User root\n  ProxyJump gate\nHost b@d\nMatch exec "touch /tmp/x"\n';

test('an import shows its plan first, changes no known host, and reports the rest', async () => {
  writeFileSync(join(world.homedir, '.ssh', 'config'), CONFIG);
  const plan = await world.call('server_import', { source: 'ssh_config', dryRun: true });
  const actions = plan.rows.map((row) => [row['alias'], row['action']]);
  expect(actions).toEqual([
    ['web1', 'refused'],
    ['gate', 'add'],
    ['new1', 'add'],
  ]);
  expect(plan.data).toMatchObject({ dryRun: true, problems: [{ where: 'b@d', suggestion: 'b-d' }] });
  expect(plan.words).toMatch(/^Would import from .*\/\.ssh\/config: 2 new, 1 refused\.\n/);
  expect(plan.words).toMatch(/note new1: The section "Match exec"/);
  expect(world.inventory.find('new1')).toBeUndefined();
  const done = await world.call('server_import', { source: 'ssh_config' });
  expect(done.rows).toEqual(plan.rows);
  expect(world.inventory.record('new1')).toMatchObject({ user: 'root', jump: 'gate' });
  expect(world.inventory.record('web1').host).toBe('203.0.113.7');
  const person = await world.call('server_import', { source: 'ssh_config', only: ['web1'] }, PERSON);
  expect(person.rows).toMatchObject([
    { alias: 'web1', action: 'update', fields: ['host', 'user', 'keyPath', 'agent'] },
  ]);
  expect(world.inventory.record('web1').host).toBe('198.51.100.66');
});

test('the data folder of the earlier orchestrator is imported where it lies', async () => {
  const missing = await world.call('server_import', { source: 'orchestrator' });
  expect(missing.data).toMatchObject({ code: 'NOT_FOUND' });
  const servers = { old1: { host: '203.0.113.9', user: 'root', password: 'canary-old-password' }, bad: {} };
  writeFileSync(join(world.dataDir, 'servers.json'), JSON.stringify(servers));
  writeFileSync(join(world.dataDir, 'server_groups.json'), '{"old": ["old1", "gone"]}');
  const { data, words } = await world.call('server_import', { source: 'orchestrator' });
  expect(data).toMatchObject({
    rows: [{ alias: 'old1', action: 'add', fields: ['host', 'user', 'password'] }],
    groups: [{ name: 'old', added: ['old1'] }],
    problems: [{ where: 'bad' }, { where: 'group old' }],
  });
  expect(words).toContain('still holds passwords in clear');
  expect(JSON.stringify(data) + words).not.toContain('canary');
  expect(world.inventory.record('old1').password).toBe('canary-old-password');
});

test('another path is for a person', async () => {
  const folder = join(world.homedir, 'old');
  mkdirSync(folder);
  writeFileSync(join(folder, 'servers.json'), '{"a": {"host": "h", "user": "u"}}');
  const args = { source: 'orchestrator', path: folder };
  expect((await world.call('server_import', args, ASSISTANT)).data).toMatchObject({
    code: 'APPROVAL_REQUIRED',
  });
  expect(
    (await world.call('server_import', { source: 'ssh_config', path: '/etc/shadow', dryRun: true })).data,
  ).toMatchObject({ code: 'APPROVAL_REQUIRED' });
  expect((await world.call('server_import', args, PERSON)).rows).toMatchObject([
    { alias: 'a', action: 'add' },
  ]);
});
