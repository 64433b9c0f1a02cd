import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { allBytes, open, tempFolder } from './temp-vault.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('./fixtures/add-hosts.ts', import.meta.url));

test('four processes that start on a fresh folder at once add 40 hosts, and all are kept', async () => {
  const folder = tempFolder();
  const addTen = (prefix: string): Promise<unknown> =>
    run(process.execPath, ['--conditions=@flotilla/source', program, folder, prefix, '10']);
  await Promise.all(['a', 'b', 'c', 'd'].map(addTen));
  const { inventory } = await open(folder);
  expect(inventory.list()).toHaveLength(40);
  expect(new Set(inventory.list().map((host) => host.revision)).size).toBe(40);
  expect(inventory.resolve('group:every')).toHaveLength(40);
  expect(inventory.resolve('group:by-c')).toHaveLength(10);
  for (const { alias } of inventory.list()) expect(inventory.record(alias).password).toBe(`canary-${alias}`);
  expect(inventory.secretValues()).toHaveLength(40);
  expect(readdirSync(folder).filter((name) => name.startsWith('master.key'))).toEqual(['master.key']);
  expect(allBytes(folder)).not.toContain('canary');
}, 120_000);
