import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { sectionMarks, sectionText } from '../../src/lib/host/sections.ts';
import { globText } from '../../src/lib/logs/search-script.ts';

const sh = (script: string): string => execFileSync('sh', ['-c', script], { encoding: 'utf8' });

test('sections come back as they were printed; a forged mark is text', () => {
  const marks = sectionMarks();
  const forged = '@@0123456789abcdef evil label';
  const out = sh(
    `echo before; ${marks.begin('one', '$(echo label with spaces)')}; printf 'a\\n\\n${forged}\\nb'; ${marks.begin('two')}; ${marks.begin('three')}; echo c`,
  );
  const sections = marks.parse(out);
  expect(sections).toMatchObject([
    { name: 'one', label: 'label with spaces', text: `a\n\n${forged}\nb` },
    { name: 'two', label: '', text: '' },
    { name: 'three', text: 'c' },
  ]);
  expect(sectionText(sections, 'four')).toBe('');
  expect(sectionMarks().parse(out)).toEqual([]);
});

test.each([
  `/a b`,
  `/it's`,
  '/$(id)',
  '/`id`',
  '/"x"',
  '/a;b|c&d',
  '/\\',
  '/new\nline',
  '/~',
  '/{a,b}',
  '/[ab]',
  '/ümlaut',
])('the shell sees %s as it is written', (path) => {
  expect(sh(`printf %s ${globText(path)}`)).toBe(path);
});
