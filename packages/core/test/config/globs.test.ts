import { globMatcher } from '@flotilla/core/config';
import fc from 'fast-check';
import { expect, test } from 'vitest';

test('a glob fits what it says and nothing else', () => {
  const plain = fc.string({
    unit: fc.constantFrom('a', 'b', '.', '_', '[', '(', '\\', '^', '$', '+', '{', '|'),
  });
  fc.assert(
    fc.property(plain, plain, (name, other) => {
      expect(globMatcher([name])(name)).toBe(true);
      expect(globMatcher([name])(other)).toBe(name === other);
      expect(globMatcher([`${name}*`])(name + other)).toBe(true);
      expect(globMatcher([`*${other}`])(name + other)).toBe(true);
      expect(globMatcher([`${name}?${other}`])(`${name}x${other}`)).toBe(true);
      expect(globMatcher([`${name}?${other}`])(name + other)).toBe(false);
    }),
  );
  expect(globMatcher([])('a')).toBe(false);
});
