import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workerTokens } from '../src/index.ts';
import { hubWorld } from './support/hub-world.ts';

const grant = { name: 'office', lanes: ['docker'], labels: ['lan'], standing: true };

test('a token is found by its value, listed by its name, and nowhere in the file', async () => {
  const { tokens, folder, store } = await hubWorld();
  const token = await tokens.add(grant);
  expect(token).toMatch(/^fw_\S{43}$/);
  expect(tokens.find(token)).toMatchObject(grant);
  expect(tokens.find(`${token}x`)).toBeUndefined();
  expect(tokens.list()).toEqual([{ ...grant, createdAt: expect.any(Number) }]);
  await store.write(() => undefined);
  for (const file of ['state.sqlite', 'state.sqlite-wal'])
    expect(readFileSync(join(folder, file)).toString('latin1')).not.toContain(token);
});

test('a revoked token is nobody, and its name is free again', async () => {
  const { tokens } = await hubWorld();
  const token = await tokens.add(grant);
  await expect(tokens.add(grant)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  await tokens.revoke('office');
  expect(tokens.find(token)).toBeUndefined();
  await expect(tokens.revoke('office')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await tokens.add(grant)).not.toBe(token);
});

test('names are short plain words', async () => {
  const { tokens } = await hubWorld();
  for (const name of ['', '-x', 'a b', 'a/b', 'x'.repeat(64)])
    await expect(tokens.add({ ...grant, name })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('tokens of a folder are known beside those of the file', async () => {
  const { store } = await hubWorld();
  const tokens = workerTokens(store, new Map([['a-token-of-a-file', { ...grant, name: 'file:docker' }]]));
  expect(tokens.find('a-token-of-a-file')?.name).toBe('file:docker');
  await tokens.add(grant);
  expect(tokens.list().map(({ name }) => name)).toEqual(['file:docker', 'office']);
});
