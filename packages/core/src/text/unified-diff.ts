const CONTEXT = 3;
/** Above this many cells of the comparison table, changed regions are shown as replaced whole. */
const MAX_CELLS = 4_000_000;

type Edit = { kind: ' ' | '-' | '+'; line: string };

/** Edits that turn `before` into `after`: a longest common subsequence between the common head and tail. */
function edits(before: readonly string[], after: readonly string[]): Edit[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const room = Math.min(before.length, after.length) - head;
  while (tail < room && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const same = (lines: readonly string[]): Edit[] => lines.map((line) => ({ kind: ' ', line }));
  return [
    ...same(before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

function middle(before: readonly string[], after: readonly string[]): Edit[] {
  const removed = (lines: readonly string[]): Edit[] => lines.map((line) => ({ kind: '-', line }));
  const added = (lines: readonly string[]): Edit[] => lines.map((line) => ({ kind: '+', line }));
  const width = after.length + 1;
  if (before.length * after.length > MAX_CELLS) return [...removed(before), ...added(after)];
  const table = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => table[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      table[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const result: Edit[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      result.push({ kind: ' ', line: before[i] ?? '' });
      i++;
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) result.push({ kind: '-', line: before[i++] ?? '' });
    else result.push({ kind: '+', line: after[j++] ?? '' });
  }
  return [...result, ...removed(before.slice(i)), ...added(after.slice(j))];
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines[lines.length - 1] += '\n\\ No newline at end of file';
  return lines;
}

/** Unified diff with three lines of context, capped at `maxLines` lines; empty when nothing changes. */
export function unifiedDiff(before: string, after: string, name: string, maxLines = 200): string {
  if (before === after) return '';
  const all = edits(linesOf(before), linesOf(after));
  const out = [`--- ${name}`, `+++ ${name}`];
  let oldLine = 1;
  let newLine = 1;
  let at = 0;
  for (const { start, end } of hunks(all)) {
    oldLine += start - at;
    newLine += start - at;
    const hunk = all.slice(start, end);
    const oldCount = hunk.filter((edit) => edit.kind !== '+').length;
    const newCount = hunk.filter((edit) => edit.kind !== '-').length;
    out.push(`@@ -${position(oldLine, oldCount)} +${position(newLine, newCount)} @@`);
    for (const edit of hunk) out.push(edit.kind + edit.line);
    oldLine += oldCount;
    newLine += newCount;
    at = end;
  }
  if (out.length <= maxLines) return out.join('\n');
  return [...out.slice(0, maxLines), `… ${out.length - maxLines} more lines of the diff`].join('\n');
}

/** Ranges of edits: changes that are close together share one, each with its context. */
function hunks(all: readonly Edit[]): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  all.forEach((edit, at) => {
    if (edit.kind === ' ') return;
    const last = found.at(-1);
    const end = Math.min(all.length, at + 1 + CONTEXT);
    if (last && at - CONTEXT <= last.end) last.end = end;
    else found.push({ start: Math.max(0, at - CONTEXT), end });
  });
  return found;
}

const position = (line: number, count: number): string =>
  count === 1 ? `${line}` : `${count === 0 ? line - 1 : line},${count}`;
