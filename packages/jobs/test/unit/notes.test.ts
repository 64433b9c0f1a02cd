import { expect, test } from 'vitest';
import type { LedgerOp } from '../../src/run/ledger.ts';
import { Notes } from '../../src/run/notes.ts';

const op = (tail: string): LedgerOp => ({ op: 'live', progress: null, waitingFor: null, tail });
const tails = (carried: ReturnType<Notes['take']>) =>
  carried.map((note) => note.op.op === 'live' && note.op.tail);

test('a later write carries earlier notes in order until they are stored', () => {
  const notes = new Notes();
  notes.add(op('a'));
  notes.add(op('b'));
  const first = notes.take();
  expect(tails(first)).toEqual(['a', 'b']);
  expect(notes.take()).toEqual([]);
  expect(notes.waiting).toBe(false);
  notes.undone(first);
  notes.add(op('c'));
  expect(notes.waiting).toBe(true);
  const second = notes.take();
  expect(tails(second)).toEqual(['a', 'b', 'c']);
  notes.stored(second);
  expect(notes.take()).toEqual([]);
});

test('what was stored stays stored when it is later said to be undone', () => {
  const notes = new Notes();
  notes.add(op('a'));
  const carried = notes.take();
  notes.stored(carried);
  notes.undone(carried);
  expect(notes.waiting).toBe(false);
});
