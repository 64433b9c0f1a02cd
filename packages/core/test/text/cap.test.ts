import { capList, capText, formatBytes, formatDuration } from '@flotilla/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const anyText = fc.string({ unit: 'binary', maxLength: 400 });

describe('capText', () => {
  it('leaves a text that fits alone', () => {
    expect(capText('abc', 3)).toEqual({ text: 'abc', omittedBytes: 0 });
  });

  it('keeps head and tail and says how many bytes are missing and where they are', () => {
    const { text, omittedBytes } = capText(`${'a'.repeat(50)}${'b'.repeat(50)}`, 20, { more: 'task_output' });
    expect(omittedBytes).toBe(80);
    expect(text).toBe(`${'a'.repeat(8)}\n… 80 bytes left out; task_output …\n${'b'.repeat(12)}`);
  });

  it('never cuts a character and accounts for every byte', () => {
    fc.assert(
      fc.property(anyText, fc.nat(300), (text, max) => {
        const capped = capText(text, max);
        const [head = '', tail = ''] = capped.text.split(/\n… \d+ bytes left out …\n/);
        if (capped.omittedBytes === 0) {
          expect(capped.text).toBe(text);
          return;
        }
        expect(text.startsWith(head)).toBe(true);
        expect(text.endsWith(tail)).toBe(true);
        const kept = Buffer.byteLength(head) + Buffer.byteLength(tail);
        expect(kept).toBeLessThanOrEqual(max);
        expect(kept + capped.omittedBytes).toBe(Buffer.byteLength(text));
        expect(capped.text.isWellFormed()).toBe(true);
      }),
    );
  });

  it('shows nothing but the note when nothing may be shown', () => {
    expect(capText('abcdef', 0)).toEqual({ text: '\n… 6 bytes left out …\n', omittedBytes: 6 });
  });
});

describe('capList', () => {
  it('says how many items were left out', () => {
    expect(capList([1, 2, 3, 4], 3)).toEqual({ items: [1, 2, 3], leftOut: 1 });
    expect(capList([1], 3)).toEqual({ items: [1], leftOut: 0 });
  });
});

describe('units', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1_503_238_553, '1.4 GiB'],
    [1024 ** 2 - 1, '1.0 MiB'],
    [2 ** 60, '1024.0 PiB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [250, '250 ms'],
    [1_500, '1.5 s'],
    [59_999, '1 min 0 s'],
    [123_400, '2 min 3 s'],
    [2 * 3_600_000, '2 h 0 min'],
    [3 * 86_400_000 + 3_600_000, '3 d 1 h'],
  ])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});
