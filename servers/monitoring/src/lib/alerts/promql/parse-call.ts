import type { SyntaxNode } from '@lezer/common';
import { type CallName, type Expr, INSTANT_FUNCTIONS, RANGE_FUNCTIONS } from './ast.ts';
import { childNamed, childrenOf, refuse, type Source, textOf } from './syntax.ts';

const KNOWN: readonly string[] = [...RANGE_FUNCTIONS, ...INSTANT_FUNCTIONS, 'time'];

/** How many arguments a function takes. */
function arity(name: string): number {
  if (name === 'time') return 0;
  return name === 'predict_linear' ? 2 : 1;
}

export function readCall(node: SyntaxNode, source: Source, read: (child: SyntaxNode) => Expr): Expr {
  const identifier = childNamed(node, 'FunctionIdentifier');
  const body = childNamed(node, 'FunctionCallBody');
  const name = identifier ? textOf(identifier, source) : '';
  if (!KNOWN.includes(name)) throw refuse(source, node, `${name}()`);
  const args = (body ? childrenOf(body) : []).map(read);
  if (args.length !== arity(name))
    throw refuse(source, node, `${name}() with ${args.length} arguments rather than ${arity(name)}`);
  return { kind: 'call', name: name as CallName, args };
}
