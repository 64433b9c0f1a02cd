import { expect, test } from 'vitest';
import { read, sources } from './sources.ts';

const lines = sources()
  .map((file) => ({ file, count: read(file).split('\n').length - 1 }))
  .sort((a, b) => a.count - b.count);
const at = (share: number): number => lines[Math.floor((lines.length - 1) * share)]?.count ?? 0;

test('no source file has more than 400 lines', () => {
  expect(lines.filter(({ count }) => count > 400)).toEqual([]);
});

test('the median file has at most 90 lines and nine of ten have at most 200', () => {
  expect(at(0.5)).toBeLessThanOrEqual(90);
  expect(at(0.9)).toBeLessThanOrEqual(200);
});

test('the type any is used nowhere', () => {
  const code = (file: string): string =>
    read(file)
      .replace(/^\s*(\/\/|\/?\*).*$/gm, '')
      .replace(/\/\*.*?\*\//g, '');
  const wrong = sources().filter((file) => /(: any\b|<any>|\bas any\b|any\[\])/.test(code(file)));
  expect(wrong).toEqual([]);
});
