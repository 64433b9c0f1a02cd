import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { lastLines } from '../../../src/lib/logs/last-lines.ts';
import { errorLines } from '../../../src/lib/problems/error-lines.ts';

const frame = (stream: 1 | 2, text: string | Buffer): Buffer => {
  const body = Buffer.from(text as string);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};

test('the newest lines, whole characters although frames and chunks cut them', async () => {
  const euro = Buffer.from('1 €\n');
  const body = Buffer.concat([
    frame(1, 'a\nb'),
    frame(2, 'err\n'),
    frame(1, 'c\n'),
    frame(1, euro.subarray(0, 3)),
    frame(1, euro.subarray(3)),
  ]);
  const chunks = Array.from({ length: body.length }, (_, at) => body.subarray(at, at + 1));
  const { lines, scanned } = await lastLines(Readable.from(chunks), false, { lines: 3 });
  expect(lines).toEqual(['err', 'bc', '1 €']);
  expect(scanned).toBe(4);
});

test('a search; a line that is too long; an end without a newline; carriage returns', async () => {
  const body = `one\r\n${'x'.repeat(50)}\ntwo`;
  const all = await lastLines(Readable.from([Buffer.from(body)]), true, { lines: 9, lineLength: 20 });
  expect(all).toMatchObject({ lines: ['one', `${'x'.repeat(20)}…`, 'two'], truncated: true });
  const some = await lastLines(Readable.from([Buffer.from(body)]), true, {
    lines: 9,
    matches: (line) => line.includes('o'),
  });
  expect(some).toMatchObject({ lines: ['one', 'two'], scanned: 3, matched: 2, truncated: false });
});

test('an endless log is read in constant memory and stops at its bound', async () => {
  const chunk = Buffer.from('word\n'.repeat(20_000));
  const endless = function* () {
    for (;;) yield chunk;
  };
  const { lines, truncated, scanned } = await lastLines(Readable.from(endless()), true, {
    lines: 2,
    maxBytes: 1_000_000,
  });
  expect(lines).toEqual(['word', 'word']);
  expect(truncated).toBe(true);
  expect(scanned).toBeGreaterThan(200_000);
});

test('the lines that tell what went wrong; the last ones where none does', () => {
  expect(errorLines(['start', 'Error: no such file', 'more', 'FATAL: gone', 'bye', ''])).toEqual([
    'Error: no such file',
    'FATAL: gone',
  ]);
  expect(errorLines(['a', 'b', 'c', 'd', ' '])).toEqual(['b', 'c', 'd']);
  expect(errorLines([])).toEqual([]);
});
