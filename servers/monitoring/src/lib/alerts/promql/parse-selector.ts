import { type Matcher, type MatchOp, patternTest } from '@flotilla/metrics';
import type { SyntaxNode } from '@lezer/common';
import type { Expr, Selector } from './ast.ts';
import { parseDuration } from './duration.ts';
import { childNamed, childrenOf, refuse, type Source, stringValue, textOf } from './syntax.ts';

const MAX_RANGE_MS = 90 * 86_400_000;

export function readSelector(node: SyntaxNode, source: Source): Selector {
  const matchers = childNamed(node, 'LabelMatchers');
  const read = (matchers ? childrenOf(matchers) : []).map((one) => readMatcher(one, source));
  const identifier = childNamed(node, 'Identifier');
  const named = read.find(({ label, op }) => label === '__name__' && op === '=');
  const name = identifier ? textOf(identifier, source) : named?.value;
  const rest = read.filter((one) => one !== named);
  if (name === undefined || rest.some(({ label }) => label === '__name__'))
    throw refuse(source, node, 'a selector without one metric name');
  return { kind: 'selector', name, matchers: rest, offsetMs: 0 };
}

function readMatcher(node: SyntaxNode, source: Source): Matcher {
  const [label, op, literal] = childrenOf(node);
  const value = literal && stringValue(textOf(literal, source));
  if (node.name !== 'UnquotedLabelMatcher' || label === undefined || op === undefined || value === undefined)
    throw refuse(source, node, 'this label matcher');
  const matcher = { label: textOf(label, source), op: textOf(op, source) as MatchOp, value };
  if (matcher.op.includes('~') && !patternTest(value)) throw refuse(source, node, 'this regular expression');
  return matcher;
}

export function readRange(node: SyntaxNode, source: Source): Expr {
  const vector = childNamed(node, 'VectorSelector');
  const rangeMs = durationOf(node, 'DurationExpr', source);
  if (vector === undefined || rangeMs <= 0 || rangeMs > MAX_RANGE_MS)
    throw refuse(source, node, 'a range of nothing or of more than 90 days');
  return { kind: 'range', selector: readSelector(vector, source), rangeMs };
}

export function readWithOffset(node: SyntaxNode, source: Source, read: (child: SyntaxNode) => Expr): Expr {
  const [operand] = childrenOf(node);
  const inner = operand && read(operand);
  const offsetMs = durationOf(node, 'OffsetDurationExpr', source);
  if (inner?.kind === 'selector') return { ...inner, offsetMs };
  if (inner?.kind === 'range') return { ...inner, selector: { ...inner.selector, offsetMs } };
  throw refuse(source, node, 'offset of this');
}

function durationOf(node: SyntaxNode, name: string, source: Source): number {
  const literal = childNamed(node, name)?.firstChild;
  const text = literal ? textOf(literal, source) : '';
  if (literal?.name !== 'NumberDurationLiteralInDurationContext' || !/[a-z]$/.test(text))
    throw refuse(source, node, 'this duration');
  return parseDuration(text);
}
