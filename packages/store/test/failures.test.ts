import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { tempDir } from '@flotilla/testkit';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { StateStore } from '../src/index.ts';

const parts = [{ name: 'demo', migrations: ['CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT) STRICT'] }];
const opened: StateStore[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

function place(): string {
  const folder = tempDir('flotilla-store-');
  onTestFinished(() => folder.remove());
  return join(folder.path, 's.sqlite');
}

function open(file = place(), more = parts): StateStore {
  const store = StateStore.open({ file, parts: more });
  opened.push(store);
  return store;
}

const thrownBy = (work: () => unknown): FlotillaError => {
  try {
    work();
  } catch (error) {
    return error as FlotillaError;
  }
  throw new Error('nothing was thrown');
};

describe('a file that cannot be opened', () => {
  test('text is left as it is', () => {
    const file = place();
    writeFileSync(file, 'these are notes of mine');
    expect(thrownBy(() => open(file))).toMatchObject({
      code: 'INTERNAL',
      details: { file, reason: 'not an SQLite file' },
      hint: expect.stringContaining('.recover'),
    });
    expect(readFileSync(file, 'utf8')).toBe('these are notes of mine');
  });

  test('a damaged database is named as such', async () => {
    const file = place();
    const store = open(file);
    await store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['a', 'b']));
    await store.close();
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xff)]));
    const error = thrownBy(() => open(file));
    expect(error.code).toBe('INTERNAL');
    expect(error.message).toContain('is damaged');
  });

  test('a folder in its place, or a file where its folder should be', () => {
    const file = place();
    mkdirSync(file);
    expect(thrownBy(() => open(file))).toMatchObject({ code: 'STORAGE_FULL', details: { file } });
    const below = place();
    writeFileSync(below, '');
    expect(thrownBy(() => open(join(below, 's.sqlite'))).hint).toContain('mounted read-write');
  });

  test('an empty file is a new one', () => {
    const file = place();
    writeFileSync(file, '');
    expect(open(file).check()).toBe('ok');
  });
});

test('a migration that fails changes nothing, and is said as it is', async () => {
  const file = place();
  const broken = [{ name: 'demo', migrations: [...(parts[0]?.migrations ?? []), 'CREATE TABLE nonsense ('] }];
  expect(() => open(file, broken)).toThrow(/incomplete input/);
  const store = open(file);
  expect(store.read((sql) => sql.all('SELECT name FROM schema_part'))).toEqual([{ name: 'demo' }]);
  await store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['a', 'b']));
});

test('a full file: every write of that commit says so, later ones work again when there is room', async () => {
  const store = open();
  const pages = store.read((sql) => sql.get<{ page_count: number }>('PRAGMA page_count'))?.page_count ?? 0;
  const limit = (count: number): unknown =>
    store.read((sql) => sql.get(`PRAGMA max_page_count = ${String(count)}`));
  limit(pages);
  const insert = (key: string, value: string): Promise<unknown> =>
    store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', [key, value]));
  const [large, beside] = await Promise.allSettled([insert('large', 'x'.repeat(1e6)), insert('small', 'x')]);
  expect(large).toMatchObject({
    status: 'rejected',
    reason: { code: 'STORAGE_FULL', details: { sqlite: 'SQLITE_FULL' } },
  });
  expect(store.read((sql) => sql.all('SELECT k FROM t'))).toEqual(
    beside?.status === 'fulfilled' ? [{ k: 'small' }] : [],
  );
  limit(1e6);
  await insert('large', 'x'.repeat(1e6));
  expect(store.read((sql) => sql.get('SELECT length(v) AS n FROM t WHERE k = ?', ['large']))).toEqual({
    n: 1e6,
  });
  expect(store.check()).toBe('ok');
});

test('what the caller throws comes back as it is and undoes only its own changes', async () => {
  const store = open();
  const mine = new FlotillaError('CONFLICT', 'not now');
  const [refused, kept] = await Promise.allSettled([
    store.write((sql) => {
      sql.run('INSERT INTO t VALUES (?, ?)', ['a', 'b']);
      throw mine;
    }),
    store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['c', 'd']).lastRowid),
  ]);
  expect(refused).toMatchObject({ status: 'rejected', reason: mine });
  expect(kept).toMatchObject({ status: 'fulfilled', value: 1 });
  expect(store.read((sql) => sql.all('SELECT k FROM t'))).toEqual([{ k: 'c' }]);
  expect(() =>
    store.read(() => {
      throw mine;
    }),
  ).toThrow(mine);
});

test('a closed store refuses, and is closed only once', async () => {
  const store = open();
  const last = store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['a', 'b']));
  const closing = store.close();
  await last;
  await closing;
  await store.close();
  await expect(store.write(() => undefined)).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('the foreign version changes with what others commit, at the next callback at the latest; not with own commits', async () => {
  const file = place();
  const store = open(file);
  const before = store.foreignVersion();
  await store.write((sql) => sql.run('INSERT INTO t VALUES (?, ?)', ['own', '']));
  expect(store.foreignVersion()).toBe(before);
  const other = new Database(file);
  onTestFinished(() => {
    other.close();
  });
  for (const key of ['a', 'b']) {
    const last = store.foreignVersion();
    other.prepare('INSERT INTO t VALUES (?, ?)').run(key, '');
    await new Promise(setImmediate);
    expect(store.foreignVersion()).not.toBe(last);
  }
});
