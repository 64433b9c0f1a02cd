/** One line of an ssh_config(5) file: keyword in lower case, arguments without quotes. */
export interface Directive {
  keyword: string;
  args: string[];
  file: string;
  line: number;
  /** For `include`: the lines of each file, in order. */
  included?: Directive[][];
}

export interface LexProblem {
  file: string;
  line: number;
  what: string;
}

/** Lines of a file as directives; the rules of OpenSSH's strdelim and argv_split. */
export function lex(text: string, file: string): { directives: Directive[]; problems: LexProblem[] } {
  const directives: Directive[] = [];
  const problems: LexProblem[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const [, keyword, rest = ''] = /^[ \t\r]*"?([^\s="#][^\s="]*)"?(.*)$/.exec(withoutEnd(raw)) ?? [];
    if (!keyword) continue;
    const place = { file, line: index + 1 };
    const args = words(rest.replace(/^[ \t\r]*=?[ \t\r]*/, ''));
    if (args === undefined) problems.push({ ...place, what: 'a quote is not closed' });
    else if (args.length === 0) problems.push({ ...place, what: `"${keyword}" has no argument` });
    else directives.push({ ...place, keyword: keyword.toLowerCase(), args });
  }
  return { directives, problems };
}

/** Without the white space at the end, in linear time. */
function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && ' \t\r\f'.includes(line[end - 1] ?? '')) end--;
  return line.slice(0, end);
}

/** Undefined when a quote is not closed. */
function words(text: string): string[] | undefined {
  const found: string[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text[at];
    if (start === ' ' || start === '\t') {
      at++;
      continue;
    }
    if (start === '#') break;
    const word = readWord(text, at);
    if (!word) return undefined;
    found.push(word.value);
    at = word.end;
  }
  return found;
}

function readWord(text: string, start: number): { value: string; end: number } | undefined {
  let value = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at++) {
    const char = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (char === '\\' && (/['"\\]/.test(next) || (quote === '' && next === ' '))) {
      value += next;
      at++;
    } else if (quote === '' && (char === ' ' || char === '\t')) break;
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (quote !== '' && char === quote) quote = '';
    else value += char;
  }
  return quote === '' ? { value, end: at } : undefined;
}
