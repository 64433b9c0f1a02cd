import { type Environment, serialize } from '@marcbachmann/cel-js';

interface Node {
  op: string;
  args: unknown;
}

const ARITHMETIC: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};
const COMPARISON = ['==', '!=', '<', '<=', '>', '>='];

/**
 * Numbers of JSON are doubles, those written in an expression integers, and CEL refuses to mix them. Here numbers are one
 * kind, as in JSON: `inputs.n + 1` is a number, and `7 / 2` is 3.5.
 */
export function mixNumbers(language: Environment): void {
  for (const [sign, apply] of Object.entries(ARITHMETIC)) {
    const mixed = (a: unknown, b: unknown): number => apply(Number(a), Number(b));
    language.registerOperator(`double ${sign} int`, mixed);
    language.registerOperator(`int ${sign} double`, mixed);
  }
  language.registerOperator('double % double', (a: number, b: number) => a % b);
}

/** The expression with the integers that take part in arithmetic written as doubles. Changes the tree. */
export function withDoubles(text: string, ast: Parameters<typeof serialize>[0]): string {
  return rewrite(ast) ? serialize(ast) : text;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

function rewrite(value: unknown): boolean {
  if (Array.isArray(value)) return value.map(rewrite).some((changed) => changed);
  if (!isNode(value)) return false;
  const inside = rewrite(value.args);
  const { op, args } = value;
  if (!Array.isArray(args) || args.length !== 2) return inside;
  const numbers = op in ARITHMETIC || (COMPARISON.includes(op) && args.some(isArithmetic));
  return (numbers && args.map(toDouble).some((changed) => changed)) || inside;
}

const isArithmetic = (value: unknown): boolean =>
  isNode(value) && value.op in ARITHMETIC && Array.isArray(value.args);

function toDouble(value: unknown): boolean {
  if (!isNode(value)) return false;
  if (value.op === '-_') return toDouble(value.args);
  if (value.op !== 'value' || typeof value.args !== 'bigint') return false;
  value.args = Number(value.args);
  return true;
}
