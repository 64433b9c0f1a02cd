import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  applyImport,
  type HostInput,
  type ImportPlan,
  localFiles,
  planOrchestrator,
  planSshConfig,
  reviewImport,
} from '../../src/index.ts';
import { allBytes, assistant, open, person, tempFolder } from '../temp-vault.ts';

const planOf = (hosts: HostInput[], groups: ImportPlan['groups'] = []): ImportPlan => ({
  source: 'test',
  hosts,
  groups,
  problems: [],
  warnings: [],
});
const host = (alias: string, over: Partial<HostInput> = {}): HostInput => ({
  alias,
  host: 'h',
  user: 'u',
  port: 22,
  ...over,
});

test('a review changes nothing, applying does what it said, and again there is nothing to do', async () => {
  const { inventory } = await open();
  const plan = planOf(
    [host('edge'), host('web1', { jump: 'edge', password: 'canary-pw' })],
    [{ name: 'web', aliases: ['web1', 'gone'] }],
  );
  const review = reviewImport(inventory, plan, assistant);
  expect(inventory.list()).toEqual([]);
  expect(JSON.stringify(review)).not.toContain('canary');
  expect(review.hosts.map((row) => [row.alias, row.action])).toEqual([
    ['edge', 'add'],
    ['web1', 'add'],
  ]);
  expect(review.groups).toEqual([{ name: 'web', added: ['web1'] }]);
  expect(review.problems).toEqual([{ where: 'group web', what: 'Left out, not registered: gone.' }]);
  expect(await applyImport(inventory, plan, assistant)).toEqual(review);
  expect(inventory.record('web1')).toMatchObject({ password: 'canary-pw', jump: 'edge' });
  expect(inventory.get('web1').groups).toEqual(['web']);
  const again = await applyImport(inventory, plan, assistant);
  expect(again.hosts.map((row) => row.action)).toEqual(['unchanged', 'unchanged']);
  expect(again.groups).toEqual([{ name: 'web', added: [] }]);
});

test('an import by an assistant moves no known host, the rest is imported', async () => {
  const { inventory } = await open();
  await inventory.save(host('known', { password: 'canary-pw' }), assistant);
  const plan = planOf([
    host('known', { host: 'evil.example' }),
    host('fresh'),
    host('known2', { hostKey: `SHA256:${'a'.repeat(43)}` }),
    host('behind', { jump: 'known2' }),
  ]);
  const review = await applyImport(inventory, plan, assistant);
  expect(review.hosts.map((row) => [row.alias, row.action, row.dropped])).toEqual([
    ['known', 'refused', ['password']],
    ['fresh', 'add', undefined],
    ['known2', 'refused', undefined],
    ['behind', 'refused', undefined],
  ]);
  expect(inventory.record('known')).toMatchObject({ host: 'h', password: 'canary-pw' });
  expect(inventory.list().map((entry) => entry.alias)).toEqual(['fresh', 'known']);
  await applyImport(inventory, plan, person);
  expect(inventory.record('known')).toMatchObject({ host: 'evil.example' });
  expect(inventory.record('known')).not.toHaveProperty('password');
  expect(inventory.list()).toHaveLength(4);
});

test('a selection takes the bastions that it needs', async () => {
  const { inventory } = await open();
  const plan = planOf(
    [host('edge'), host('inner', { jump: 'edge' }), host('web1', { jump: 'inner' }), host('other')],
    [{ name: 'g', aliases: ['other'] }],
  );
  await applyImport(inventory, plan, { person: false, only: ['web1'] });
  expect(inventory.list().map((entry) => entry.alias)).toEqual(['edge', 'inner', 'web1']);
  expect(inventory.groups()).toEqual([]);
});

test('real files: passwords are encrypted, a broken file imports nothing, includes are globbed', async () => {
  const { inventory, folder } = await open();
  const old = tempFolder();
  const home = tempFolder();
  const files = localFiles(home, 'me');
  writeFileSync(
    join(old, 'servers.json'),
    JSON.stringify({ old1: { host: 'h', user: 'u', password: 'canary-pw' } }),
  );
  writeFileSync(join(old, 'server_groups.json'), '{"web": [');
  expect(() => planOrchestrator(files, old)).toThrow(/server_groups.json is not valid JSON/);
  writeFileSync(join(old, 'server_groups.json'), '{"web": ["old1"]}');
  await applyImport(inventory, planOrchestrator(files, old), assistant);
  expect(inventory.record('old1').password).toBe('canary-pw');
  expect(inventory.resolve('group:web')).toHaveLength(1);
  expect(allBytes(folder)).not.toContain('canary');

  mkdirSync(join(home, '.ssh', 'config.d'), { recursive: true });
  writeFileSync(join(home, '.ssh', 'config'), 'Include config.d/*.conf\nHost *\nUser all-users\n');
  writeFileSync(join(home, '.ssh', 'config.d', 'b.conf'), 'Host b\nPort 2\n');
  writeFileSync(join(home, '.ssh', 'config.d', 'a.conf'), 'Host a\nPort 1\n');
  symlinkSync('nowhere', join(home, '.ssh', 'config.d', 'c.conf'));
  mkdirSync(join(home, '.ssh', 'config.d', 'd.conf'));
  const plan = planSshConfig(files);
  expect(plan.hosts.map((entry) => [entry.alias, entry.port, entry.user])).toEqual([
    ['a', 1, 'all-users'],
    ['b', 2, 'all-users'],
  ]);
  expect(plan.warnings).toContainEqual({
    where: join(home, '.ssh', 'config.d', 'd.conf'),
    what: 'Included file left out: it cannot be read.',
  });
});

test('a folder or a huge file in the place of a config is said', () => {
  const home = tempFolder();
  mkdirSync(join(home, '.ssh', 'config'), { recursive: true });
  expect(() => planSshConfig(localFiles(home, 'me'))).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT' }),
  );
  const big = join(home, 'big');
  writeFileSync(big, Buffer.alloc(17 * 2 ** 20, 35));
  expect(() => planSshConfig(localFiles(home, 'me'), big)).toThrow(/larger than 16 MiB/);
});
