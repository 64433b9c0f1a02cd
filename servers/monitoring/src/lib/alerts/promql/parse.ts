import { FlotillaError } from '@flotilla/core';
import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { AGGREGATES, type AggregateName, type Expr, SUPPORTED } from './ast.ts';
import { checkTypes } from './check-types.ts';
import { readBinary } from './parse-binary.ts';
import { readCall } from './parse-call.ts';
import { readRange, readSelector, readWithOffset } from './parse-selector.ts';
import { childNamed, childrenOf, refuse, type Source, textOf } from './syntax.ts';

const MAX_LENGTH = 4_000;
const MAX_DEPTH = 60;

/**
 * Reads an alert expression. INVALID_INPUT for what is no PromQL (with the place), what lies outside of the
 * supported part, and what gives no instant vector.
 */
export function parsePromql(text: string): Expr {
  if (text.trim() === '' || text.length > MAX_LENGTH)
    throw new FlotillaError('INVALID_INPUT', `An expression has 1 to ${MAX_LENGTH} characters.`);
  const tree = parser.parse(text);
  tree.iterate({
    enter: (node) => {
      if (!node.type.isError) return;
      throw new FlotillaError('INVALID_INPUT', `The expression is no PromQL at character ${node.from + 1}.`, {
        details: { expr: text, character: node.from + 1, near: text.slice(node.from, node.from + 20) },
        hint: SUPPORTED,
      });
    },
  });
  const source: Source = { text, depth: 0 };
  const [root] = childrenOf(tree.topNode).filter(({ name }) => name !== 'LineComment');
  if (root === undefined) throw refuse(source, tree.topNode, 'an empty expression');
  const expr = readExpr(root, source);
  checkTypes(expr, text);
  return expr;
}

function readExpr(node: SyntaxNode, source: Source): Expr {
  const inner: Source = { ...source, depth: source.depth + 1 };
  if (inner.depth > MAX_DEPTH) throw refuse(source, node, `more than ${MAX_DEPTH} levels`);
  const read = (child: SyntaxNode): Expr => readExpr(child, inner);
  switch (node.name) {
    case 'NumberDurationLiteral':
      return { kind: 'number', value: readNumber(node, source) };
    case 'VectorSelector':
      return readSelector(node, source);
    case 'MatrixSelector':
      return readRange(node, source);
    case 'OffsetExpr':
      return readWithOffset(node, source, read);
    case 'ParenExpr':
      return read(only(node, source));
    case 'UnaryExpr': {
      const [sign, operand] = childrenOf(node);
      if (sign === undefined || operand === undefined) throw refuse(source, node, 'this');
      return textOf(sign, source) === '-' ? { kind: 'negate', expr: read(operand) } : read(operand);
    }
    case 'BinaryExpr':
      return readBinary(node, source, read);
    case 'FunctionCall':
      return readCall(node, source, read);
    case 'AggregateExpr':
      return readAggregate(node, source, read);
    default:
      throw refuse(source, node, node.name);
  }
}

function readAggregate(node: SyntaxNode, source: Source, read: (child: SyntaxNode) => Expr): Expr {
  const [op, body] = [childNamed(node, 'AggregateOp'), childNamed(node, 'FunctionCallBody')];
  const name = op ? textOf(op, source).toLowerCase() : '';
  const args = body ? childrenOf(body) : [];
  const [operand] = args;
  if (!AGGREGATES.includes(name as AggregateName) || operand === undefined || args.length !== 1)
    throw refuse(source, node, `${name}(…) over these arguments`);
  const modifier = childNamed(node, 'AggregateModifier');
  const list = modifier && childNamed(modifier, 'GroupingLabels');
  return {
    kind: 'aggregate',
    op: name as AggregateName,
    grouping: {
      mode: modifier && childNamed(modifier, 'Without') ? 'without' : 'by',
      labels: list ? childrenOf(list).map((label) => textOf(label, source)) : [],
    },
    expr: read(operand),
  };
}

function only(node: SyntaxNode, source: Source): SyntaxNode {
  const [child] = childrenOf(node);
  if (child === undefined) throw refuse(source, node, 'this');
  return child;
}

function readNumber(node: SyntaxNode, source: Source): number {
  const text = textOf(node, source).toLowerCase();
  if (text === 'inf' || text === '+inf') return Number.POSITIVE_INFINITY;
  if (!/^(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/.test(text))
    throw refuse(source, node, 'a duration or a special value where a number is wanted');
  return Number(text);
}
