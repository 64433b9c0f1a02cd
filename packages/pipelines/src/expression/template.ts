import { compile, type Expression, ExpressionError } from './language.ts';

export type Part = string | Expression;

const OPEN = '${{';

/** Does the text hold an expression (or an escaped one)? */
export const isTemplate = (text: string): boolean => text.includes(OPEN);

/**
 * Text and the expressions in it: `a ${{ x }} b`. `$${{` stands for the characters `${{`.
 * Throws ExpressionError.
 */
export function parseTemplate(text: string): Part[] {
  const parts: Part[] = [];
  let plain = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf(OPEN, at);
    if (start < 0) break;
    if (text[start - 1] === '$' && start - 1 >= at) {
      plain += text.slice(at, start - 1) + OPEN;
      at = start + OPEN.length;
      continue;
    }
    plain += text.slice(at, start);
    const end = endOfExpression(text, start + OPEN.length);
    if (end < 0) throw new ExpressionError(`\${{ without }}`);
    if (plain !== '') parts.push(plain);
    plain = '';
    parts.push(compile(text.slice(start + OPEN.length, end).trim()));
    at = end + 2;
  }
  plain += text.slice(at);
  if (plain !== '' || parts.length === 0) parts.push(plain);
  return parts;
}

/** Position of the `}}` that ends the expression: not one of a map or a text inside it. */
function endOfExpression(text: string, from: number): number {
  let quote = '';
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '{') depth += 1;
    else if (char === '}' && depth > 0) depth -= 1;
    else if (char === '}' && text[at + 1] === '}') return at;
  }
  return -1;
}

/** The expression that the text is, when it is nothing else: its value keeps its type. */
export function soleExpression(parts: readonly Part[]): Expression | undefined {
  const [only] = parts;
  return parts.length === 1 && typeof only === 'object' ? only : undefined;
}

/** Every text inside a value that holds an expression, with its path. */
export function* templatesIn(value: unknown, path: readonly string[] = []): Generator<Template> {
  if (typeof value === 'string') {
    if (isTemplate(value)) yield { path, text: value };
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) yield* templatesIn(member, [...path, key]);
  }
}

export interface Template {
  path: readonly string[];
  text: string;
}
