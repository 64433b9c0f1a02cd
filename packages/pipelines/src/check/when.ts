import { type Expression, ExpressionError } from '../expression/language.ts';
import { referencesOf } from '../expression/references.ts';
import { parseTemplate, soleExpression } from '../expression/template.ts';

export const WORDS = ['success', 'any_failed', 'always'] as const;
export type When = (typeof WORDS)[number];

/** The condition of a step. Throws ExpressionError. */
export function whenOf(text: string): When | Expression {
  const word = WORDS.find((one) => one === text);
  if (word) return word;
  const expression = soleExpression(parseTemplate(text));
  if (expression) return expression;
  throw new ExpressionError(`${WORDS.join(', ')}, or an expression`);
}

/** An expression that does not ask how other steps ended is asked only when they ended well. */
export const asksForStates = (expression: Expression): boolean =>
  referencesOf(expression).some(({ root, path }) => root === 'steps' && path[1] === 'state');
