import { type Expression, ExpressionError, type Scope } from './language.ts';
import { scalarText, shellQuote } from './quote.ts';
import { referencesOf } from './references.ts';
import { isShellText } from './shell-text.ts';
import { isTemplate, parseTemplate, soleExpression } from './template.ts';

/** Can the expression be evaluated before anything ran? */
const isKnown = (expression: Expression, scope: Scope): boolean =>
  referencesOf(expression).every(({ root }) => root in scope);

/** Arguments as far as they are known; what is not stays as it is written. For people to read. */
export function knownArguments(
  tool: string,
  args: Record<string, unknown>,
  scope: Scope,
): Record<string, unknown> {
  return walk(args, [], (text, path) => knownText(text, scope, isShellText(tool, path, args))) as Record<
    string,
    unknown
  >;
}

/** Text as far as it is known. */
export function knownText(text: string, scope: Scope, shell = false): unknown {
  if (!isTemplate(text)) return text;
  const parts = parseTemplate(text);
  const sole = soleExpression(parts);
  if (sole) return isKnown(sole, scope) ? (evaluate(sole, scope) ?? written(sole)) : written(sole);
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      const value = isKnown(part, scope) ? evaluate(part, scope) : undefined;
      if (value === undefined) return written(part);
      return shell ? shellQuote(value) : (scalarText(value) ?? JSON.stringify(value));
    })
    .join('');
}

const written = ({ text }: Expression): string => `\${{ ${text} }}`;

function evaluate(expression: Expression, scope: Scope): unknown {
  try {
    return expression.evaluate(scope);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

function walk(
  value: unknown,
  path: readonly string[],
  text: (text: string, path: readonly string[]) => unknown,
): unknown {
  if (typeof value === 'string') return text(value, path);
  if (Array.isArray(value)) return value.map((one, index) => walk(one, [...path, String(index)], text));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, walk(member, [...path, key], text)]),
  );
}
