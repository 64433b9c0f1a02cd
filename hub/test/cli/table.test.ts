import { describe, expect, test } from 'vitest';
import { type Column, table, width } from '../../src/cli/terminal/table.ts';

interface Row {
  name: string;
  size?: number;
  text: string;
}

const columns: Column<Row>[] = [
  { title: 'name', value: ({ name }) => name },
  { title: 'size', value: ({ size }) => size, align: 'right' },
  { title: 'text', value: ({ text }) => text, flexible: true },
];

describe('table', () => {
  test('aligns columns and leaves nothing behind the last one', () => {
    const text = table(columns, [
      { name: 'a', size: 5, text: 'first' },
      { name: 'long', size: 1234, text: 'second' },
    ]);
    expect(text).toBe('NAME  SIZE  TEXT\na        5  first\nlong  1234  second');
  });

  test('a column without any value is left out', () => {
    expect(table(columns, [{ name: 'a', text: 'x' }])).toBe('NAME  TEXT\na     x');
  });

  test('fits a narrow terminal by cutting flexible columns only', () => {
    const rows = [{ name: 'a-name-that-stays', size: 1, text: 'x'.repeat(200) }];
    const lines = table(columns, rows, { columns: 50 }).split('\n');
    expect(lines.every((line) => width(line) <= 50)).toBe(true);
    expect(lines[1]).toContain('a-name-that-stays');
    expect(lines[1]?.endsWith('…')).toBe(true);
  });

  test('cuts nothing when it is no terminal', () => {
    const rows = [{ name: 'a', text: 'x'.repeat(500) }];
    expect(table(columns, rows)).toContain('x'.repeat(500));
  });

  test('newlines and terminal codes of a value cannot break it', () => {
    const text = table(columns, [{ name: 'a\u001b[31m', text: 'one\ntwo' }]);
    expect(text.split('\n')).toHaveLength(2);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('one two');
  });

  test('colours do not count as width', () => {
    const styled: Column<Row>[] = [
      { title: 'name', value: ({ name }) => name, style: (text) => `\u001b[36m${text}\u001b[39m` },
      { title: 'text', value: ({ text }) => text },
    ];
    const [, first, second] = table(styled, [
      { name: 'a', text: 'x' },
      { name: 'abc', text: 'y' },
    ]).split('\n');
    expect(width(first ?? '')).toBe('NAME  x'.length);
    expect(width(second ?? '')).toBe('NAME  y'.length);
  });
});
