import { FlotillaError, type ShellResult } from '@flotilla/core';
import { bounded } from '../host/numbers.ts';
import { type Section, type SectionMarks, sectionText } from '../host/sections.ts';
import { hostWord } from '../host/words.ts';
import { asRootOnlyLogs, fileVariable, NOT_A_LOG } from './log-path.ts';
import { filterText } from './search-script.ts';

export interface TailQuery {
  path: string;
  /** As root: only what really lies below /var/log. */
  root: boolean;
  lines: number;
  text?: string | undefined;
  regex: boolean;
  /** What is kept of them, from the end. */
  maxBytes: number;
}

export const TAIL_REFUSALS = { absent: 44, folder: 45, special: 46, unreadable: 47 } as const;

/** The last lines of a regular file, plain or compressed, with its size and what it was rotated to. */
export const tailScript = (
  { path, root, lines, text, regex, maxBytes }: TailQuery,
  marks: SectionMarks,
): string => `
${fileVariable(path, root)}
[ -d "$f" ] && exit ${TAIL_REFUSALS.folder}
[ -e "$f" ] || exit ${TAIL_REFUSALS.absent}
[ -f "$f" ] || exit ${TAIL_REFUSALS.special}
[ -r "$f" ] || exit ${TAIL_REFUSALS.unreadable}
${marks.begin('size')}; stat -L -c '%s %Y' -- "$f" 2>/dev/null || wc -c < "$f"
${marks.begin('rotated')}
for r in "$f".[0-9]* "$f"-[0-9]*; do [ -f "$r" ] && printf '%s\\n' "$r"; done | head -n 10
case "$f" in *.gz) r='gzip -dc';; *.xz) r='xz -dc';; *.zst) r='zstd -dcq';; *) r=${text === undefined ? `'tail -n ${lines}'` : "'tail -c 268435456'"};; esac
${marks.begin('text')}
$T $r -- "$f" 2>/dev/null | ${filterText({ text, regex, caseSensitive: true, sinceMs: 0, untilMs: 0, sources: [], files: [] })} | tail -n ${lines} | tail -c ${maxBytes}
true`;

export interface Tail {
  lines: string[];
  size: number;
  modified?: number | undefined;
  binary: boolean;
  truncated: boolean;
  rotated: string[];
}

export function parseTail(sections: readonly Section[], { maxBytes }: Pick<TailQuery, 'maxBytes'>): Tail {
  const [size, modified] = sectionText(sections, 'size').trim().split(/\s+/);
  const text = sectionText(sections, 'text');
  const binary = isBinary(text);
  const lines = text === '' || binary ? [] : text.replace(/\n$/, '').split('\n');
  const rotated = sectionText(sections, 'rotated').split('\n');
  return {
    lines,
    size: bounded(size) ?? 0,
    modified: bounded(modified, 1, 1e11),
    binary,
    truncated: Buffer.byteLength(text) >= maxBytes - 4,
    rotated: rotated.filter((name) => name !== '').map((name) => hostWord(name, 500)),
  };
}

/** A NUL, or a good part of it no text in UTF-8. */
export function isBinary(text: string): boolean {
  const head = text.slice(0, 65_536);
  if (head.includes('\0')) return true;
  const broken = head.match(/\ufffd/g)?.length ?? 0;
  return broken > 20 && broken > head.length * 0.1;
}

/** Why there is nothing to show; undefined for what went well. */
export function tailRefusal(result: ShellResult, alias: string, path: string): FlotillaError | undefined {
  const details = { alias, path };
  switch (result.exitCode) {
    case 0:
      return undefined;
    case TAIL_REFUSALS.absent:
      return new FlotillaError('NOT_FOUND', `${alias} has no such file, or its folder cannot be entered.`, {
        details,
        hint: 'file_list shows what is there; log_search looks in all usual places.',
      });
    case TAIL_REFUSALS.folder:
      return new FlotillaError('INVALID_INPUT', 'That is a folder.', {
        details,
        hint: 'Name a file in it: file_list.',
      });
    case TAIL_REFUSALS.special:
      return new FlotillaError(
        'UNSUPPORTED',
        'That is no regular file: a device, pipe or socket is not read.',
        { details },
      );
    case TAIL_REFUSALS.unreadable:
      return new FlotillaError('DENIED', `The login of ${alias} may not read that file.`, {
        details,
        hint: 'Try with sudo: true.',
      });
    case NOT_A_LOG:
      return asRootOnlyLogs(alias, path);
    default:
      return new FlotillaError('INTERNAL', 'The end of the file could not be read.', {
        details: { ...details, remote: result.stderr.slice(0, 2000) },
      });
  }
}
