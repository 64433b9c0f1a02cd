import { stripVTControlCharacters } from 'node:util';
import { visibleControls } from '@flotilla/core';

export interface Column<Row> {
  title: string;
  /** Plain text of a cell. */
  value(row: Row): string | number | undefined;
  /** Colours the padded text of a cell. */
  style?(text: string, row: Row): string;
  align?: 'right';
  /** May be cut when the terminal is narrow; the widest of these are cut first. */
  flexible?: boolean;
}

const GAP = 2;
const NARROWEST = 8;

export const width = (text: string): number => [...stripVTControlCharacters(text)].length;

function cut(text: string, max: number): string {
  return width(text) <= max ? text : `${[...text].slice(0, Math.max(0, max - 1)).join('')}…`;
}

const flat = (value: string | number | undefined): string =>
  visibleControls(String(value ?? ''))
    .replace(/\s+/g, ' ')
    .trim();

/** Widths that fit: the widest flexible column gives way first, down to a few characters. */
function fit(
  natural: readonly number[],
  flexible: readonly boolean[],
  columns: number | undefined,
): number[] {
  const widths = [...natural];
  if (columns === undefined) return widths;
  const total = () => widths.reduce((sum, one) => sum + one, GAP * (widths.length - 1));
  while (total() > columns) {
    const widest = widths.reduce(
      (best, one, index) =>
        flexible[index] && one > NARROWEST && (best < 0 || one > (widths[best] ?? 0)) ? index : best,
      -1,
    );
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** A table without borders: one row per line, headings in capitals, columns without any value left out. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: { columns?: number | undefined; heading?: (text: string) => string } = {},
): string {
  const shown = columns.filter((column) => rows.some((row) => flat(column.value(row)) !== ''));
  const texts = rows.map((row) => shown.map((column) => flat(column.value(row))));
  const titles = shown.map((column) => column.title.toUpperCase());
  const natural = titles.map((title, index) =>
    Math.max(width(title), ...texts.map((cells) => width(cells[index] ?? ''))),
  );
  const widths = fit(
    natural,
    shown.map((column) => column.flexible === true),
    options.columns,
  );
  const pad = (text: string, index: number): string => {
    const clipped = cut(text, widths[index] ?? 0);
    const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(clipped)));
    return shown[index]?.align === 'right' ? space + clipped : clipped + space;
  };
  const heading = options.heading ?? ((text: string) => text);
  const lines = [heading(titles.map(pad).join('  ').trimEnd())];
  rows.forEach((row, line) => {
    const cells = shown.map((column, index) => {
      const padded = pad(texts[line]?.[index] ?? '', index);
      const last = index === shown.length - 1 ? padded.trimEnd() : padded;
      return column.style ? column.style(last, row) : last;
    });
    lines.push(cells.join('  ').trimEnd());
  });
  return lines.join('\n');
}
