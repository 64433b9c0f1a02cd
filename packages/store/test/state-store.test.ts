import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@flotilla/testkit';
import Database from 'better-sqlite3';
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

test('the log is written back into the file while the process goes on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-store-'));
  const store = open(folder);
  await store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['kept', 1]));
  const marker = Buffer.from('kept');
  await waitFor(() => readFileSync(join(folder, 's.sqlite')).includes(marker), { what: 'the checkpoint' });
  await store.close();
});

test('another process that holds the file makes a write wait, then fail with TIMEOUT, never block', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-store-'));
  const store = StateStore.open({ file: join(folder, 's.sqlite'), parts, writePatienceMs: 200 });
  const holder = new Database(join(folder, 's.sqlite'));
  holder.exec('BEGIN IMMEDIATE');
  const late = store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['a', 1]));
  await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
  holder.exec('ROLLBACK');
  await store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['a', 1]));
  holder.close();
  await store.close();
});

test('an existing file is upgraded after a backup, and only while nobody else has it open', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-store-'));
  await open(folder).close();
  const next = [
    { name: 'demo', migrations: [...(parts[0]?.migrations ?? []), 'ALTER TABLE t ADD COLUMN w TEXT'] },
  ];
  const file = join(folder, 's.sqlite');
  const peer = open(folder);
  peer.read((sql) => sql.get('SELECT 1'));
  expect(() => StateStore.open({ file, parts: next })).toThrow(/other processes have it open/);
  await peer.close();
  const upgraded = StateStore.open({ file, parts: next });
  await upgraded.write((sql) => sql.run('INSERT INTO t VALUES (?, ?, ?)', ['a', 1, 'w']));
  await upgraded.close();
  expect(readdirSync(join(folder, 'backups'))).toEqual(['state-demo1.sqlite']);
  expect(() => open(folder)).toThrow(/newer Flotilla/);
});

test('a part that the file has not seen is added while other processes have it open', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-store-'));
  const first = open(folder);
  await first.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['a', 1]));
  const more = [...parts, { name: 'more', migrations: ['CREATE TABLE m (id INTEGER) STRICT'] }];
  const second = StateStore.open({ file: join(folder, 's.sqlite'), parts: more });
  await second.write((sql) => sql.run('INSERT INTO m VALUES (7)'));
  await first.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['b', 2]));
  expect(second.read((sql) => sql.all('SELECT id FROM m'))).toEqual([{ id: 7 }]);
  expect(second.read((sql) => sql.all('SELECT k FROM t'))).toHaveLength(2);
  await second.close();
  await first.close();
});
