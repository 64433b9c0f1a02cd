import { beforeEach, expect, test } from 'vitest';
import type { Inventory } from '../src/index.ts';
import { assistant, open, web1 } from './temp-vault.ts';

let inventory: Inventory;
beforeEach(async () => {
  ({ inventory } = await open());
  await inventory.save({ ...web1, groups: ['web'], env: 'prod', tags: ['eu'] }, assistant);
  await inventory.save({ ...web1, alias: 'web2', groups: ['web'], env: 'prod' }, assistant);
  await inventory.save({ ...web1, alias: 'db1', env: 'staging', tags: ['eu', 'pg'] }, assistant);
});

const names = (target: string | string[]): string[] => inventory.resolve(target).map((host) => host.alias);
const failure = (target: string | string[]): unknown => {
  try {
    return inventory.resolve(target);
  } catch (error) {
    return error;
  }
};

test('one alias, a list, all, group, environment and tag; each host once, in a stable order', () => {
  expect(names('web1')).toEqual(['web1']);
  expect(names('all')).toEqual(['db1', 'web1', 'web2']);
  expect(names('group:web')).toEqual(['web1', 'web2']);
  expect(names('env:prod')).toEqual(['web1', 'web2']);
  expect(names('tag:eu')).toEqual(['db1', 'web1']);
  expect(names(['web2', 'tag:eu', 'web2', 'web1'])).toEqual(['web2', 'db1', 'web1']);
});

test('an unknown alias names the nearest one and what exists', () => {
  expect(failure('wbe1')).toMatchObject({
    code: 'NOT_FOUND',
    message: 'No host is called "wbe1". Did you mean "web1"?',
    details: { host: 'wbe1', nearest: 'web1', known: ['db1', 'web1', 'web2'] },
    hint: expect.stringContaining('db1, web1, web2'),
  });
  expect(failure(['web1', 'nope'])).toMatchObject({ code: 'NOT_FOUND' });
});

test('unknown groups, environments and tags name the nearest one', () => {
  expect(failure('group:wbe')).toMatchObject({ code: 'NOT_FOUND', details: { nearest: 'web' } });
  expect(failure('env:prd')).toMatchObject({ code: 'NOT_FOUND', details: { nearest: 'prod' } });
  expect(failure('tag:us')).toMatchObject({ code: 'NOT_FOUND', details: { known: ['eu', 'pg'] } });
});

test('an empty selection is not found, an empty list is refused', async () => {
  await inventory.setGroup('empty', []);
  expect(failure('group:empty')).toMatchObject({ code: 'NOT_FOUND' });
  expect(failure([])).toMatchObject({ code: 'INVALID_INPUT' });
  const fresh = await open();
  expect(() => fresh.inventory.resolve('all')).toThrow(/no host yet/);
  expect(() => fresh.inventory.resolve('web1')).toThrow('No host is called "web1".');
});

test('a long wrong name is cut, not repeated whole', () => {
  const error = failure('x'.repeat(100_000)) as Error;
  expect(error.message.length).toBeLessThan(300);
});

test('groups are replaced as a whole, and an unknown member changes nothing', async () => {
  expect(await inventory.setGroup('web', ['db1', 'web1', 'db1'])).toEqual({
    added: ['db1'],
    removed: ['web2'],
  });
  await expect(inventory.setGroup('web', ['web2', 'wbe9'])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(inventory.setGroup('a b', ['web1'])).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  expect(inventory.groups()).toEqual([{ name: 'web', aliases: ['db1', 'web1'] }]);
  expect(inventory.get('web2').groups).toEqual([]);
  await expect(inventory.removeGroup('wbe')).rejects.toMatchObject({
    code: 'NOT_FOUND',
    details: { nearest: 'web' },
  });
  expect(await inventory.removeGroup('web')).toEqual(['db1', 'web1']);
  expect(inventory.groups()).toEqual([]);
});

test('a removed host leaves its groups', async () => {
  await inventory.remove('web1', assistant);
  expect(inventory.groups()).toEqual([{ name: 'web', aliases: ['web2'] }]);
});

test('the flags of a target are told for the gate, also of groups, and unknown words mean nothing', async () => {
  await inventory.save({ alias: 'web2', readonly: true }, assistant);
  await inventory.save({ alias: 'db1', protected: true }, { person: true });
  const flags = (words: string[]): unknown[] =>
    inventory.guards(words).map((host) => [host.alias, host.readonly, host.protected]);
  expect(flags(['group:web'])).toEqual([
    ['web1', false, false],
    ['web2', true, false],
  ]);
  expect(flags(['db1', 'nope', 'group:nope', 'env:nope', 'tag:nope'])).toEqual([['db1', false, true]]);
  expect(flags([])).toEqual([]);
  expect(flags(['all'])).toHaveLength(3);
});
