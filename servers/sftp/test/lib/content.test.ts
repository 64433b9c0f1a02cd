import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentBytes, textOf } from '../../src/lib/content.ts';

test('text cut anywhere is never cut inside a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(), fc.nat(), (text, a, b) => {
      fc.pre(!text.includes('\0'));
      const bytes = Buffer.from(text);
      const [from, to] = [a % (bytes.length + 1), b % (bytes.length + 1)].sort((x, y) => x - y) as [
        number,
        number,
      ];
      const found = textOf(bytes.subarray(from, to), { atStart: from === 0, atEnd: to === bytes.length });
      expect(found).toBeDefined();
      const at = from + (found?.start ?? 0);
      expect(bytes.subarray(at, at + (found?.length ?? 0)).toString()).toBe(found?.text);
      expect((found?.start ?? 0) < 4 && to - at - (found?.length ?? 0) < 4).toBe(true);
    }),
  );
});

test('pages of a text that follow each other are the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.integer({ min: 4, max: 9 }),
      (text, size) => {
        fc.pre(!text.includes('\0'));
        const bytes = Buffer.from(text);
        let joined = '';
        for (let at = 0; at < bytes.length; ) {
          const page = textOf(bytes.subarray(at, at + size), {
            atStart: at === 0,
            atEnd: at + size >= bytes.length,
          });
          joined += page?.text ?? '';
          at += (page?.start ?? 0) + (page?.length ?? 0);
        }
        expect(joined).toBe(text);
      },
    ),
  );
});

test('binary is told', () => {
  const all = { atStart: true, atEnd: true };
  expect(textOf(Buffer.from('a\0b'), all)).toBeUndefined();
  expect(textOf(Buffer.from([0x61, 0xff, 0x62, 0x63, 0x64, 0x65]), all)).toBeUndefined();
  expect(textOf(Buffer.from([0xc3]), all)).toBeUndefined();
  expect(textOf(Buffer.alloc(0), all)?.text).toBe('');
});

test('content in base64, with line breaks, or refused', () => {
  expect(contentBytes('aGVs\nbG8=', 'base64')?.toString()).toBe('hello');
  expect(contentBytes('not base64!', 'base64')).toBeUndefined();
  expect(contentBytes('ä', 'utf8')?.length).toBe(2);
});
