import type { SyntaxNode } from '@lezer/common';
import { ARITHMETIC, type BinaryOp, COMPARISONS, type Expr, type Matching, SET_OPERATORS } from './ast.ts';
import { childNamed, childrenOf, refuse, type Source, textOf } from './syntax.ts';

const OPERATORS: readonly string[] = [...ARITHMETIC, ...COMPARISONS, ...SET_OPERATORS];
const MODIFIERS = new Set(['BoolModifier', 'MatchingModifierClause']);

export function readBinary(node: SyntaxNode, source: Source, read: (child: SyntaxNode) => Expr): Expr {
  const parts = childrenOf(node);
  const [left, operator] = parts;
  const right = parts.at(-1);
  const between = parts.slice(2, -1);
  const op = operator ? textOf(operator, source).toLowerCase() : '';
  const odd = between.find(({ name }) => !MODIFIERS.has(name));
  if (odd) throw refuse(source, odd, odd.name);
  if (left === undefined || right === undefined || parts.length < 3 || !OPERATORS.includes(op))
    throw refuse(source, node, `the operator ${op}`);
  const clause = between.find(({ name }) => name === 'MatchingModifierClause');
  return {
    kind: 'binary',
    op: op as BinaryOp,
    left: read(left),
    right: read(right),
    bool: between.some(({ name }) => name === 'BoolModifier'),
    matching: clause ? readMatching(clause, source) : { mode: 'ignoring', labels: [], include: [] },
  };
}

function readMatching(clause: SyntaxNode, source: Source): Matching {
  const lists = childrenOf(clause)
    .filter(({ name }) => name === 'GroupingLabels')
    .map((list) => childrenOf(list).map((label) => textOf(label, source)));
  const many = childNamed(clause, 'GroupLeft')
    ? 'left'
    : childNamed(clause, 'GroupRight')
      ? 'right'
      : undefined;
  return {
    mode: childNamed(clause, 'On') ? 'on' : 'ignoring',
    labels: lists[0] ?? [],
    ...(many && { many }),
    include: lists[1] ?? [],
  };
}
