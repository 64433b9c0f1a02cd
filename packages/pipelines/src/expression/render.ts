import { compile, type Expression, ExpressionError, type Scope } from './language.ts';
import { scalarText, shellQuote } from './quote.ts';
import { quotedArgument } from './references.ts';
import { isShellText, shellArgument, Variables } from './shell-text.ts';
import { isTemplate, parseTemplate, soleExpression } from './template.ts';

/** The value of an expression; throwing ExpressionError when it has none. */
export type ValueOf = (expression: Expression) => unknown;

export const valuesIn =
  (scope: Scope): ValueOf =>
  (expression) =>
    expression.evaluate(scope);

/** Text with its values. A value that is exactly one expression keeps its type. ExpressionError. */
export function renderText(text: string, evaluate: ValueOf): unknown {
  if (!isTemplate(text)) return text;
  const parts = parseTemplate(text);
  const sole = soleExpression(parts);
  if (sole) return evaluate(sole);
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = scalarText(evaluate(part));
      if (value !== undefined) return value;
      throw new ExpressionError(`${part.text.slice(0, 60)} is no text: json(…) writes it out`);
    })
    .join('');
}

/** A copy of any JSON value in which every text is rendered; `where` is told for errors. */
export function renderValue(value: unknown, evaluate: ValueOf, path: readonly string[] = []): unknown {
  return walk(value, path, (text) => renderText(text, evaluate));
}

/**
 * The arguments of a call. Values in shell text become variables of the command's environment where the tool takes
 * one, else quoted words; either way one word each, never code.
 */
export function renderArguments(
  tool: string,
  args: Record<string, unknown>,
  evaluate: ValueOf,
): Record<string, unknown> {
  const { environment } = shellArgument(tool);
  const variables = new Variables();
  const words = (value: unknown): string => (environment ? variables.words(value) : shellQuote(value));
  const rendered = walk(args, [], (text, path) =>
    isShellText(tool, path, args) ? renderShell(text, evaluate, words) : renderText(text, evaluate),
  ) as Record<string, unknown>;
  if (Object.keys(variables.env).length === 0) return rendered;
  return { ...rendered, env: { ...(rendered['env'] as object | undefined), ...variables.env } };
}

function renderShell(text: string, evaluate: ValueOf, words: (value: unknown) => string): string {
  if (!isTemplate(text)) return text;
  return parseTemplate(text)
    .map((part) => {
      if (typeof part === 'string') return part;
      const inner = quotedArgument(part);
      return words(evaluate(inner === undefined ? part : compile(inner)));
    })
    .join('');
}

/** Throws ExpressionError whose message begins with the path. */
function walk(
  value: unknown,
  path: readonly string[],
  text: (text: string, path: readonly string[]) => unknown,
): unknown {
  if (typeof value === 'string') {
    try {
      return text(value, path);
    } catch (error) {
      if (!(error instanceof ExpressionError) && !(error instanceof TypeError)) throw error;
      throw new ExpressionError(`${path.join('.')}: ${error.message}`);
    }
  }
  if (Array.isArray(value)) return value.map((one, index) => walk(one, [...path, String(index)], text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, walk(member, [...path, key], text)]),
  );
}
