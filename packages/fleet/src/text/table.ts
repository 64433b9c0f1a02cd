import { visibleControls } from '@flotilla/core';

const MAX_CELL = 60;

/** One line: no newline or control character, at most 60 characters. */
function cell(value: string): string {
  const flat = visibleControls(value).replace(/\s+/g, ' ').trim();
  return flat.length > MAX_CELL ? `${flat.slice(0, MAX_CELL - 1)}…` : flat;
}

/** Columns aligned with spaces, headings in capitals; columns without any value are left out. */
export function textTable(
  columns: readonly string[],
  rows: readonly (readonly (string | undefined)[])[],
): string {
  const cells = rows.map((row) => columns.map((_, index) => cell(row[index] ?? '')));
  const used = columns.map((_, index) => cells.some((row) => row[index] !== ''));
  const lines = [columns.map((column) => column.toUpperCase()), ...cells].map((row) =>
    row.filter((_, i) => used[i]),
  );
  const widths = (lines[0] ?? []).map((_, index) =>
    Math.max(...lines.map((line) => (line[index] ?? '').length)),
  );
  return lines
    .map((line) =>
      line
        .map((value, index) => value.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
