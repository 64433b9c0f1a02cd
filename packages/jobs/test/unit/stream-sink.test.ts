import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRedactor, type Redactor } from '@flotilla/core';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { StreamSink } from '../../src/output/stream-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'flotilla-sink-'));
afterAll(() => rmSync(folder, { recursive: true }));
let number = 0;

function sink(
  options: { redactor?: Redactor; memoryBytes?: number; file?: string; onText?: (text: string) => void } = {},
) {
  const file = options.file ?? join(folder, `run${number++}`, 'stdout');
  const made = new StreamSink({
    file,
    redactor: options.redactor,
    memoryBytes: options.memoryBytes ?? 0,
    flushAfterMs: 1,
    ...(options.onText && { onText: options.onText }),
  });
  return { file, sink: made };
}

const whole = (one: StreamSink): string => one.captured(10_000_000).text;

test('what a host sends in pieces, twice and over restarts is stored once and whole', () => {
  const secrets = ['hunter2-hunter2', 'zweitesGeheimnis'];
  const redactor = createRedactor({ values: secrets });
  const word = fc.constantFrom('line\n', 'é€😀', 'hunter2', '-', ...secrets, 'x'.repeat(50), '\n');
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 40 }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 20 }), fc.boolean())),
      (words, cuts) => {
        const raw = Buffer.from(words.join(''));
        const { file, sink: first } = sink({ redactor });
        let current = first;
        for (const [length, overlap, restart] of cuts) {
          const from = Math.max(0, current.received - overlap);
          current.push(from, raw.subarray(from, current.received + length));
          if (!restart) continue;
          current.close();
          current = sink({ redactor, file }).sink;
        }
        while (current.received < raw.length) {
          current.push(current.received, raw.subarray(current.received, current.received + 13));
        }
        current.end();
        current.close();
        const text = raw.toString('utf8');
        const masker = redactor.stream();
        expect(whole(current)).toBe(masker.push(text) + masker.end());
        for (const secret of secrets)
          if (existsSync(file)) expect(readFileSync(file, 'utf8')).not.toContain(secret);
      },
    ),
    { numRuns: 300 },
  );
});

test('a short stream never touches the disk', () => {
  const { file, sink: one } = sink({ memoryBytes: 100 });
  one.push(0, Buffer.from('short'));
  one.end();
  expect(whole(one)).toBe('short');
  expect(existsSync(file)).toBe(false);
});

test('a stream that lasts gets its file, private to the user', async () => {
  const { file, sink: one } = sink({ memoryBytes: 100 });
  one.push(0, Buffer.from('early'));
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toBe('early');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  one.push(5, Buffer.from(' late'));
  one.end();
  expect(readFileSync(file, 'utf8')).toBe('early late');
  one.close();
});

test('bytes that are not UTF-8 become replacement characters, also over a restart', () => {
  const raw = Buffer.from([0x61, 0xff, 0xfe, 0x62, 0xc3, 0x28, 0x63]);
  const { file, sink: one } = sink();
  one.push(0, raw.subarray(0, 4));
  one.close();
  const { sink: two } = sink({ file });
  expect(two.received).toBe(0);
  two.push(0, raw);
  two.end();
  two.close();
  expect(whole(two)).toBe(raw.toString('utf8'));
});

test('what is stored is told as it comes, masked', () => {
  const texts: string[] = [];
  const redactor = createRedactor({ values: ['hunter2-hunter2'] });
  const { sink: one } = sink({ redactor, onText: (text) => texts.push(text) });
  one.push(0, Buffer.from('a hunter2'));
  one.push(9, Buffer.from('-hunter2 b'));
  one.end();
  one.close();
  expect(texts.join('')).toBe(redactor.text('a hunter2-hunter2 b'));
});

test('a disk that refuses loses nothing: the rest is written when it takes it again', () => {
  const { file, sink: one } = sink({ file: join('/dev/full', 'x') });
  expect(() => one.push(0, Buffer.from('kept'))).toThrow();
  expect(one.size).toBe(4);
  expect(one.received).toBe(4);
  expect(() => one.flushBacklog()).toThrow();
  expect(readdirSync('/dev').includes(file)).toBe(false);
});
