import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../src/audit/canonical-json.ts';
import { entry, fill, type Opened, open } from './temp-audit.ts';

async function tamper(sql: string, rows = 5): Promise<Opened> {
  const opened = open();
  await fill(opened.audit, rows);
  await opened.store.write((session) => {
    for (const statement of sql.split(';')) session.run(statement);
  });
  return opened;
}

test('an untouched log holds, also one without any row', async () => {
  const { audit } = open();
  expect(await audit.verify()).toMatchObject({ ok: true, rows: 0 });
  await fill(audit, 600);
  expect(await audit.verify()).toMatchObject({ ok: true, rows: 1_200, head: audit.head() });
});

const EDITS: [string, string, number][] = [
  ['body', `UPDATE audit SET body = replace(body, '"n":1', '"n":7') WHERE seq = 3`, 3],
  ['time', 'UPDATE audit SET time = time + 1 WHERE seq = 4', 4],
  ['kind', "UPDATE audit SET kind = 'end' WHERE seq = 5", 5],
  ['call', "UPDATE audit SET call = 'x' WHERE seq = 6", 6],
  ['tool', "UPDATE audit SET tool = 'file_read' WHERE seq = 1", 1],
  ['principal', "UPDATE audit SET principal = 'cli:0' WHERE seq = 1", 1],
  ['aliases', `UPDATE audit SET aliases = '[]' WHERE seq = 1`, 1],
  ['prev', "UPDATE audit SET prev = 'x' WHERE seq = 2", 2],
  ['hash', "UPDATE audit SET hash = 'x' WHERE seq = 2", 2],
  ['a row in the middle removed', 'DELETE FROM audit WHERE seq = 5', 5],
  ['the first row removed', 'DELETE FROM audit WHERE seq = 1', 1],
  ['the last row removed', 'DELETE FROM audit WHERE seq = 10', 10],
  ['all rows removed', 'DELETE FROM audit', 1],
  [
    'two rows swapped',
    'UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 99',
    3,
  ],
  [
    'the last row and its head replaced',
    'DELETE FROM audit WHERE seq = 10; UPDATE audit_head SET seq = 9, hash = (SELECT hash FROM audit WHERE seq = 9)',
    9,
  ],
  ['the head removed', 'DELETE FROM audit_head', 10],
  [
    'a row copied to the end',
    'INSERT INTO audit SELECT 11, time, kind, call, tool, principal, aliases, body, (SELECT hash FROM audit WHERE seq = 10), hash FROM audit WHERE seq = 1',
    11,
  ],
];

test.each(EDITS)('an edit is found: %s', async (_, sql, seq) => {
  const { audit } = await tamper(sql);
  const found = await audit.verify();
  expect(found.ok).toBe(false);
  expect(found.broken?.seq).toBe(seq);
});

test.each(EDITS)('going on after an edit does not cover it: %s', async (_, sql) => {
  const { audit, folder } = await tamper(sql);
  await fill(audit, 3);
  await fill(open(folder).audit, 3);
  expect((await audit.verify()).ok).toBe(false);
  expect(audit.search({ limit: 6 }).calls).toHaveLength(6);
});

test('whoever has no key cannot write a row that holds', async () => {
  const { audit, folder } = open();
  await fill(audit, 3);
  const forger = open(folder, undefined, Buffer.alloc(32, 6));
  forger.audit.begin(entry({ principal: 'cli:0' }));
  await forger.audit.flush();
  expect((await audit.verify()).ok).toBe(false);
});

test('a head that was exported proves that history was not replaced as a whole', async () => {
  const { audit, store } = open();
  await fill(audit, 3);
  const early = audit.head();
  await fill(audit, 3);
  expect(await audit.verify(early)).toMatchObject({ ok: true });
  expect((await audit.verify({ ...early, hash: 'x' })).broken).toMatchObject({ seq: early.seq });
  await store.write((sql) => {
    sql.run('DELETE FROM audit');
    sql.run('DELETE FROM audit_head');
  });
  expect((await audit.verify()).ok).toBe(true);
  expect((await audit.verify(early)).ok).toBe(false);
});

test('retention removes old rows and leaves a chain that holds and says so', async () => {
  let time = 0;
  const { audit, store } = open(undefined, () => time);
  await fill(audit, 700);
  time = 1_000;
  await fill(audit, 5);
  expect(await audit.prune(500)).toBe(1_400);
  const rows = store.read((sql) => sql.all<{ kind: string }>('SELECT kind FROM audit ORDER BY seq'));
  expect(rows.map((row) => row.kind)).toEqual([
    ...Array.from({ length: 5 }, () => ['begin', 'end']).flat(),
    'checkpoint',
    'checkpoint',
    'checkpoint',
  ]);
  expect(await audit.verify()).toMatchObject({ ok: true, rows: 13 });
  expect(await audit.prune(500)).toBe(0);
  time = 10_000;
  await fill(audit, 1);
  await audit.prune(500);
  expect(await audit.verify()).toMatchObject({ ok: true });
  await store.write((sql) => sql.run('DELETE FROM audit WHERE seq = (SELECT min(seq) FROM audit)'));
  expect((await audit.verify()).ok).toBe(false);
});

test('a checkpoint that somebody else wrote vouches for nothing', async () => {
  const { audit, store } = open();
  await fill(audit, 5);
  await store.write((sql) => {
    sql.run(`UPDATE audit SET kind = 'checkpoint', body = (SELECT json_object('seq', seq, 'hash', hash) FROM audit WHERE seq = 4)
             WHERE seq = 10`);
    sql.run('DELETE FROM audit WHERE seq <= 4');
  });
  expect((await audit.verify()).ok).toBe(false);
});

test('the same value has the same canonical text, whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (value) => {
      const turned = Object.fromEntries(Object.entries(value).reverse());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
