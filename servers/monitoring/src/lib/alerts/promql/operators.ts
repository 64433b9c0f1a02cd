import { FlotillaError } from '@flotilla/core';
import type { BinaryExpr, BinaryOp, Labels, Matching } from './ast.ts';
import { isComparison } from './check-types.ts';
import type { Element } from './source.ts';

/** A number, or one element per series. */
export type Value = number | Element[];

export const labelKey = (labels: Labels): string =>
  JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

export const keepLabels = (labels: Labels, mode: 'by' | 'without', names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => names.includes(name) === (mode === 'by')));

function apply(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return a ** b;
    default:
      return Number(compare(op, a, b));
  }
}

function compare(op: BinaryOp, a: number, b: number): boolean {
  if (op === '==') return a === b;
  if (op === '!=') return a !== b;
  if (op === '<') return a < b;
  if (op === '<=') return a <= b;
  return op === '>' ? a > b : a >= b;
}

export function combine(expr: BinaryExpr, left: Value, right: Value): Value {
  const { op, bool, matching } = expr;
  if (typeof left === 'number' && typeof right === 'number') return apply(op, left, right);
  const filters = isComparison(op) && !bool;
  if (typeof left === 'number' || typeof right === 'number') {
    const elements = (typeof left === 'number' ? right : left) as Element[];
    return elements.flatMap(({ labels, value }) => {
      const [a, b] = [typeof left === 'number' ? left : value, typeof right === 'number' ? right : value];
      if (filters) return compare(op, a, b) ? [{ labels, value }] : [];
      return [{ labels, value: apply(op, a, b) }];
    });
  }
  if (op === 'and' || op === 'or' || op === 'unless') return combineSets(op, left, right, matching);
  return combineVectors(expr, left, right, filters);
}

const signature = (labels: Labels, { mode, labels: names }: Matching): string =>
  labelKey(keepLabels(labels, mode === 'on' ? 'by' : 'without', names));

function combineSets(
  op: 'and' | 'or' | 'unless',
  left: Element[],
  right: Element[],
  matching: Matching,
): Element[] {
  const keys = (elements: Element[]): Set<string> =>
    new Set(elements.map(({ labels }) => signature(labels, matching)));
  if (op === 'or') {
    const known = keys(left);
    return [...left, ...right.filter(({ labels }) => !known.has(signature(labels, matching)))];
  }
  const other = keys(right);
  return left.filter(({ labels }) => other.has(signature(labels, matching)) === (op === 'and'));
}

function combineVectors(
  { op, matching }: BinaryExpr,
  left: Element[],
  right: Element[],
  filters: boolean,
): Element[] {
  const swapped = matching.many === 'right';
  const [many, one] = swapped ? [right, left] : [left, right];
  const ones = new Map<string, Element>();
  for (const element of one) {
    const key = signature(element.labels, matching);
    if (ones.has(key)) throw ambiguous(swapped ? 'left' : 'right');
    ones.set(key, element);
  }
  const seen = new Set<string>();
  return many.flatMap((element) => {
    const key = signature(element.labels, matching);
    const partner = ones.get(key);
    if (partner === undefined) return [];
    if (matching.many === undefined && seen.has(key)) throw ambiguous('left');
    seen.add(key);
    const [a, b] = swapped ? [partner.value, element.value] : [element.value, partner.value];
    if (filters && !compare(op, a, b)) return [];
    return [{ labels: resultLabels(element, partner, matching), value: filters ? a : apply(op, a, b) }];
  });
}

function resultLabels(element: Element, partner: Element, matching: Matching): Labels {
  if (matching.many !== undefined) {
    const included = matching.include.map((name) => [name, partner.labels[name] ?? ''] as const);
    return { ...element.labels, ...Object.fromEntries(included) };
  }
  return keepLabels(element.labels, matching.mode === 'on' ? 'by' : 'without', matching.labels);
}

const ambiguous = (side: string): FlotillaError =>
  new FlotillaError('CONFLICT', `Several series on the ${side} side of an operator match the same one.`, {
    hint: 'Name the labels that tell them apart: on (…), ignoring (…), group_left, or aggregate first.',
  });
