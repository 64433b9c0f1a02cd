import { type ASTNode, serialize } from '@marcbachmann/cel-js';
import { type Expression, ROOTS, type Root } from './language.ts';

/** What an expression reads: `steps.build.output` → root `steps`, path `build`, `output`. */
export interface Reference {
  root: Root;
  /** As far as it is written out; what is computed ends it. */
  path: readonly string[];
}

interface Node {
  op: string;
  args: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'op' in value && 'args' in value;

const SELECT: readonly string[] = ['.', '.?', '[]', '[?]'];

export function referencesOf({ ast }: Pick<Expression, 'ast'>): Reference[] {
  const found: Reference[] = [];
  visit(ast as ASTNode & Node, found);
  return found;
}

function visit(value: unknown, found: Reference[]): void {
  if (Array.isArray(value)) {
    for (const one of value) visit(one, found);
    return;
  }
  if (!isNode(value)) return;
  const chain = chainOf(value);
  if (chain) {
    found.push(chain.reference);
    for (const index of chain.computed) visit(index, found);
    return;
  }
  if (value.op !== 'value') visit(value.args, found);
}

/** A chain of selections that begins at a root. */
function chainOf(node: Node): { reference: Reference; computed: unknown[] } | undefined {
  const steps: (string | undefined)[] = [];
  const computed: unknown[] = [];
  let at: unknown = node;
  while (isNode(at) && SELECT.includes(at.op)) {
    const [holder, key] = at.args as [unknown, unknown];
    const name = nameOf(key);
    if (name === undefined) computed.push(key);
    steps.unshift(name);
    at = holder;
  }
  if (!isNode(at) || at.op !== 'id') return undefined;
  const root = ROOTS.find((one) => one === (at as Node).args);
  if (!root) return undefined;
  const end = steps.indexOf(undefined);
  return { reference: { root, path: (end < 0 ? steps : steps.slice(0, end)) as string[] }, computed };
}

function nameOf(key: unknown): string | undefined {
  if (typeof key === 'string') return key;
  return isNode(key) && key.op === 'value' && typeof key.args === 'string' ? key.args : undefined;
}

/** The text of the argument when the expression is `quote(…)` and nothing else: commands quote by themselves. */
export function quotedArgument({ ast }: Pick<Expression, 'ast'>): string | undefined {
  const { op, args } = ast as unknown as Node;
  if (op !== 'call' || !Array.isArray(args) || args[0] !== 'quote') return undefined;
  const [argument] = args[1] as ASTNode[];
  return argument && serialize(argument);
}
