import { expect, test } from 'vitest';
import { MAX_PATTERN, patternTest } from '../src/index.ts';

test('a pattern is tried on the whole value, over lines as well', () => {
  const web = patternTest('web|db.*');
  expect(['web', 'web1', 'xweb', 'db', 'db1\nx'].map((value) => web?.(value))).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
});

test.each([
  '(a+)+',
  '(a|a)*b',
  `${'a?'.repeat(60)}${'a'.repeat(60)}b`,
  `${'.*'.repeat(80)}b`,
  `${'(a|a)'.repeat(40)}b`,
])('%s ends at once on a value that almost fits', (pattern) => {
  expect(patternTest(pattern)?.(`${'a'.repeat(2_000)}c`)).toBe(false);
});

test.each(['(', '(?=a)', '(a)\\1', 'a{2000}', '(((a{100}){100}){100})', 'x'.repeat(MAX_PATTERN + 1)])(
  '%s is no pattern of RE2',
  (pattern) => {
    expect(patternTest(pattern)).toBeUndefined();
  },
);

test('many patterns are forgotten again and still mean the same', () => {
  for (let at = 0; at < 2_000; at++) expect(patternTest(`host${at}`)?.(`host${at}`)).toBe(true);
  expect(patternTest('host1')?.('host2')).toBe(false);
});
