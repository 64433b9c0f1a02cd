import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FlotillaError } from '@flotilla/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quote, quoteAll } from '../src/quote.ts';

const SHELLS = [
  { program: '/bin/dash', options: [] },
  { program: '/bin/bash', options: ['--norc'] },
  { program: '/bin/bash', options: ['--norc', '--posix'] },
  { program: '/bin/busybox', options: ['sh'] },
];

describe.each(SHELLS)('$program $options', ({ program, options }) => {
  const there = existsSync(program);

  test.skipIf(!there)(`every word comes back as it was${there ? '' : ` (skipped: no ${program})`}`, () => {
    const word = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', '*', '~', '!', '#', '-', 'a') }),
    );
    const words = fc.array(
      word.filter((text) => !text.includes('\0')),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(words, (values) => {
        const script = `printf '%s\\0' ${quoteAll(values)}`;
        const out = execFileSync(program, [...options, '-c', script], {
          env: { LC_ALL: 'C.UTF-8' },
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        expect(out.toString('utf8').split('\0').slice(0, -1)).toEqual(
          // A lone surrogate has no UTF-8 form; it is replaced before it reaches any shell.
          values.map((value) => Buffer.from(value, 'utf8').toString('utf8')),
        );
      }),
      { numRuns: 150 },
    );
  });
});

test('a NUL is refused', () => {
  expect(() => quote('a\0b')).toThrow(FlotillaError);
  expect(() => quoteAll(['a', '\0'])).toThrow(/NUL/);
});
