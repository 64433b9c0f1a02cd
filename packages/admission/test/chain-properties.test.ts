import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entry, fill, open } from './temp-audit.ts';

const ROWS = 8;
const COLUMNS = ['time', 'kind', 'call', 'tool', 'principal', 'aliases', 'body', 'prev', 'hash'] as const;

test('any change of any column of any row is found, at that row or the next', async () => {
  const { audit, store } = open();
  await fill(audit, ROWS / 2);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: ROWS }),
      fc.constantFrom(...COLUMNS),
      fc.string({ minLength: 1 }),
      fc.nat(),
      async (seq, column, text, number) => {
        const before = store.read((sql) =>
          sql.get<Record<string, string | number>>('SELECT * FROM audit WHERE seq = ?', [seq]),
        );
        const value = column === 'time' ? number : text;
        if (before?.[column] === value) return;
        const set = (to: string | number | null): Promise<unknown> =>
          store.write((sql) => sql.run(`UPDATE audit SET ${column} = ? WHERE seq = ?`, [to, seq]));
        await set(value);
        const found = await audit.verify();
        expect(found.ok).toBe(false);
        expect([seq, seq + 1]).toContain(found.broken?.seq);
        await set(before?.[column] ?? null);
        expect(await audit.verify()).toMatchObject({ ok: true, rows: ROWS });
      },
    ),
    { numRuns: 150 },
  );
});

test('any set of rows that is removed is missed, except by a retention that says so', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.integer({ min: 1, max: ROWS }), { minLength: 1, maxLength: ROWS }),
      async (gone) => {
        const { audit, store } = open();
        await fill(audit, ROWS / 2);
        await store.write((sql) => sql.run(`DELETE FROM audit WHERE seq IN (${gone.join(', ')})`));
        const { ok, broken } = await audit.verify();
        expect(ok).toBe(false);
        expect(broken?.seq).toBe(Math.min(...gone));
        await store.close();
      },
    ),
    { numRuns: 40 },
  );
});

test('any arguments are kept as they were asked, and the chain holds', async () => {
  const { audit } = open();
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true, maxKeys: 5 }),
      fc.string(),
      async (args, text) => {
        audit.begin(entry({ args, principal: text })).end({ result: 'ok', durationMs: 1 });
        await audit.flush();
        const [newest] = audit.search({ limit: 1 }).calls;
        expect(newest).toMatchObject({ principal: text, result: 'ok' });
        expect(newest?.args).toEqual(JSON.parse(JSON.stringify(args)));
      },
    ),
    { numRuns: 100 },
  );
  expect((await audit.verify()).ok).toBe(true);
});

test('a search finds every call that holds the text, and no other', async () => {
  const { audit } = open();
  const words = ['50%', 'a_b', 'back\\slash', 'quo"te', 'line\nbreak', 'UPPER', 'ünï'];
  for (const word of words)
    audit.begin(entry({ args: { cmd: `x ${word} y` } })).end({ result: 'ok', durationMs: 1 });
  await audit.flush();
  fc.assert(
    fc.property(fc.constantFrom(...words), (word) => {
      const { calls } = audit.search({ text: word });
      expect(calls.map((call) => call.args['cmd'])).toEqual([`x ${word} y`]);
    }),
  );
});
