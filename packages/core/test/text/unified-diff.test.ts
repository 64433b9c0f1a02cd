import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unifiedDiff } from '../../src/text/unified-diff.ts';

test('one changed line with its context', () => {
  const before = `${[1, 2, 3, 4, 5, 6, 7, 8, 9].join('\n')}\n`;
  expect(unifiedDiff(before, before.replace('5', 'five'), 'f')).toBe(
    '--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8',
  );
  expect(unifiedDiff('a\n', 'a\n', 'f')).toBe('');
  expect(unifiedDiff('', 'a\n', 'f')).toBe('--- f\n+++ f\n@@ -0,0 +1 @@\n+a');
});

test('a long diff is cut and says so', () => {
  const text = Array.from({ length: 500 }, (_, index) => index).join('\n');
  const diff = unifiedDiff('', text, 'f', 50);
  expect(diff.split('\n')).toHaveLength(51);
  expect(diff).toMatch(/more lines of the diff$/);
});

test('property: patch(1) makes the new text from the old one and the diff', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-diff-'));
  const line = fc.constantFrom('a', 'b', 'c', '', 'd e');
  const text = fc
    .tuple(fc.array(line, { maxLength: 30 }), fc.boolean())
    .map(([lines, end]) => lines.join('\n') + (end ? '\n' : ''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff(before, after, 'f', 1000);
      fc.pre(diff !== '');
      writeFileSync(join(folder, 'f'), before);
      execFileSync('patch', ['-s', '-f', '-o', join(folder, 'out'), join(folder, 'f')], {
        input: `${diff}\n`,
      });
      expect(readFileSync(join(folder, 'out'), 'utf8')).toBe(after);
    }),
    { numRuns: 60 },
  );
  rmSync(folder, { recursive: true });
});
