import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { StateStore } from '../src/index.ts';

const parts = [{ name: 'demo', migrations: ['CREATE TABLE t (k TEXT PRIMARY KEY, v INTEGER) STRICT'] }];
const open = (folder = mkdtempSync(join(tmpdir(), 'flotilla-store-'))) =>
  StateStore.open({ file: join(folder, 's.sqlite'), parts });

test('writes of one turn share a transaction and fail alone', async () => {
  const store = open();
  const results = await Promise.allSettled([
    store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['a', 1])),
    store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['a', 2])),
    store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['b', 3])),
  ]);
  expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(store.read((sql) => sql.all('SELECT k FROM t ORDER BY k'))).toEqual([{ k: 'a' }, { k: 'b' }]);
  await store.close();
});
