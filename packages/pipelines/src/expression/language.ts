import { createContext, Script } from 'node:vm';
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { LIMITS } from '../definition/limits.ts';
import { mixNumbers, withDoubles } from './numbers.ts';
import { shellQuote } from './quote.ts';

/** What expressions can name. */
export const ROOTS = ['inputs', 'secrets', 'steps', 'each', 'run', 'body'] as const;
export type Root = (typeof ROOTS)[number];
export type Scope = Partial<Record<Root, unknown>>;

/** A Common Expression Language expression: no assignment, no loops without an end, no way to a prototype. */
const language = new Environment({
  unlistedVariablesAreDyn: false,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits: { maxAstNodes: 500, maxDepth: 30, maxListElements: 200, maxMapEntries: 200, maxCallArguments: 16 },
});
for (const root of ROOTS) language.registerVariable(root, 'map');
language.registerFunction('quote(dyn): string', (value: unknown) => shellQuote(value));
language.registerFunction('json(dyn): string', (value: unknown) => JSON.stringify(toJson(value)));

mixNumbers(language);

export interface Expression {
  text: string;
  ast: ASTNode;
  /** Of the result, as far as it is known: `dyn`, `string`, `bool`, `int`, `list`, … */
  type: string;
  /** Throws ExpressionError. The values must be JSON. */
  evaluate(scope: Scope): unknown;
}

/** An expression that cannot be read or has no value. The message holds no values. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const cache = new Map<string, Expression>();

/** Throws ExpressionError with what is wrong with it. */
export function compile(text: string): Expression {
  const known = cache.get(text);
  if (known) return known;
  if (text.length > LIMITS.expression)
    throw new ExpressionError(`an expression of more than ${LIMITS.expression} characters`);
  const expression = parse(text);
  if (cache.size > 2_000) cache.clear();
  cache.set(text, expression);
  return expression;
}

function parse(text: string): Expression {
  try {
    const written = language.parse(text);
    const parsed = language.parse(withDoubles(text, written.ast));
    const checked = parsed.check();
    if (!checked.valid) throw checked.error;
    return {
      text,
      ast: parsed.ast,
      type: checked.type ?? 'dyn',
      evaluate: (scope) => within(() => toJson(parsed({ ...EMPTY, ...scope }))),
    };
  } catch (error) {
    throw new ExpressionError(`${JSON.stringify(text.slice(0, 80))}: ${summary(error)}`);
  }
}

const EMPTY: Scope = Object.fromEntries(ROOTS.map((root) => [root, {}]));

/** Milliseconds for one expression: nested comprehensions and regular expressions can take for ever. */
const TIME_LIMIT = 250;
const call = new Script('run()');
const sandbox = createContext({ run: undefined as unknown });

/** The time limit of a script also ends functions of ours that it calls; the script itself is constant. */
function within<T>(run: () => T): T {
  sandbox['run'] = run;
  try {
    return call.runInContext(sandbox, { timeout: TIME_LIMIT }) as T;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw new ExpressionError(`it took longer than ${TIME_LIMIT} ms`);
    throw error instanceof ExpressionError ? error : new ExpressionError(summary(error));
  } finally {
    sandbox['run'] = undefined;
  }
}

function summary(error: unknown): string {
  const { summary: short, message } = error as { summary?: unknown; message?: unknown };
  return String(short ?? message ?? error)
    .split('\n')[0]
    ?.slice(0, 200) as string;
}

/** Characters and values that one result may have. */
const SIZE_LIMIT = 2_000_000;

/** CEL's own values as JSON has them. */
function toJson(value: unknown, size = { left: SIZE_LIMIT }): unknown {
  size.left -= typeof value === 'string' ? value.length : 4;
  if (size.left < 0) throw new ExpressionError('its value is too large');
  if (typeof value === 'bigint') {
    if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)
      throw new ExpressionError('a number beyond 2^53');
    return Number(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new ExpressionError('not a finite number');
  if (typeof value !== 'object' || value === null) {
    if (value === undefined || typeof value === 'function') throw new ExpressionError('it has no value');
    return value;
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((one) => toJson(one, size));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw new ExpressionError('a value that JSON does not know');
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toJson(member, size)]));
}
