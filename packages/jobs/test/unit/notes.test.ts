import type { Sql } from '@flotilla/store';
import { expect, test } from 'vitest';
import { Notes } from '../../src/run/notes.ts';

const sql = {} as Sql;

test('a later write carries earlier notes in order until they are stored', () => {
  const notes = new Notes();
  const log: string[] = [];
  notes.add(() => log.push('a'));
  notes.add(() => log.push('b'));
  const first = notes.apply(sql);
  expect(log).toEqual(['a', 'b']);
  expect(notes.apply(sql)).toEqual([]);
  notes.undone(first);
  notes.add(() => log.push('c'));
  notes.stored(notes.apply(sql));
  expect(log).toEqual(['a', 'b', 'a', 'b', 'c']);
  expect(notes.apply(sql)).toEqual([]);
});

test('notes of a transaction that failed are applied again by the next', () => {
  const notes = new Notes();
  let full = true;
  let applied = 0;
  notes.add(() => {
    if (full) throw new Error('disk full');
    applied++;
  });
  expect(() => notes.apply(sql)).toThrow('disk full');
  full = false;
  const carried = notes.apply(sql);
  expect(() =>
    notes.guard(carried, () => {
      throw new Error('the write itself failed');
    }),
  ).toThrow();
  notes.stored(notes.apply(sql));
  expect(applied).toBe(2);
});
