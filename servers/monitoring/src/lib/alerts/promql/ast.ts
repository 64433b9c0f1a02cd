import type { Matcher } from '@flotilla/metrics';

export type Labels = Readonly<Record<string, string>>;

/** The part of PromQL that is evaluated here. */
export type Expr =
  | { kind: 'number'; value: number }
  | Selector
  | { kind: 'range'; selector: Selector; rangeMs: number }
  | { kind: 'call'; name: CallName; args: Expr[] }
  | { kind: 'aggregate'; op: AggregateName; grouping: Grouping; expr: Expr }
  | BinaryExpr
  | { kind: 'negate'; expr: Expr };

export interface Selector {
  kind: 'selector';
  name: string;
  matchers: Matcher[];
  offsetMs: number;
}

export interface Grouping {
  /** `by`: only these labels stay; `without`: all but these. */
  mode: 'by' | 'without';
  labels: string[];
}

export interface BinaryExpr {
  kind: 'binary';
  op: BinaryOp;
  left: Expr;
  right: Expr;
  /** A comparison that gives 0 or 1 rather than filtering. */
  bool: boolean;
  matching: Matching;
}

export interface Matching {
  mode: 'on' | 'ignoring';
  labels: string[];
  /** The side that may have several elements for one of the other. */
  many?: 'left' | 'right';
  /** Labels of the one side that the result gets. */
  include: string[];
}

export const ARITHMETIC = ['+', '-', '*', '/', '%', '^'] as const;
export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
export const SET_OPERATORS = ['and', 'or', 'unless'] as const;
export type BinaryOp =
  | (typeof ARITHMETIC)[number]
  | (typeof COMPARISONS)[number]
  | (typeof SET_OPERATORS)[number];

export const AGGREGATES = ['avg', 'min', 'max', 'sum', 'count'] as const;
export type AggregateName = (typeof AGGREGATES)[number];

/** Functions over a range of one series; `predict_linear` takes seconds as well. */
export const RANGE_FUNCTIONS = [
  'rate',
  'increase',
  'delta',
  'deriv',
  'changes',
  'predict_linear',
  'avg_over_time',
  'min_over_time',
  'max_over_time',
  'sum_over_time',
  'count_over_time',
  'last_over_time',
] as const;
export const INSTANT_FUNCTIONS = ['absent', 'abs', 'ceil', 'floor', 'round'] as const;
export type RangeFunction = (typeof RANGE_FUNCTIONS)[number];
export type InstantFunction = (typeof INSTANT_FUNCTIONS)[number];
export type CallName = RangeFunction | InstantFunction | 'time';

export const SUPPORTED =
  `Supported: metric names with label matchers (= != =~ !~), offset, numbers, ${ARITHMETIC.join(' ')}, ${COMPARISONS.join(' ')} (bool), ` +
  `${SET_OPERATORS.join(' ')}, on/ignoring/group_left/group_right, ${AGGREGATES.join('/')} by/without (…), ` +
  `${RANGE_FUNCTIONS.join('(), ')}(), ${INSTANT_FUNCTIONS.join('(), ')}(), time().`;

/** Every selector of an expression. */
export function selectorsOf(expr: Expr): Selector[] {
  switch (expr.kind) {
    case 'number':
      return [];
    case 'selector':
      return [expr];
    case 'range':
      return [expr.selector];
    case 'call':
      return expr.args.flatMap(selectorsOf);
    case 'binary':
      return [...selectorsOf(expr.left), ...selectorsOf(expr.right)];
    default:
      return selectorsOf(expr.expr);
  }
}

/** The aggregates, calls and operators of an expression, for what depends on their presence. */
export function callsOf(expr: Expr): string[] {
  if (expr.kind === 'call') return [expr.name, ...expr.args.flatMap(callsOf)];
  if (expr.kind === 'binary') return [...callsOf(expr.left), ...callsOf(expr.right)];
  if (expr.kind === 'aggregate' || expr.kind === 'negate') return callsOf(expr.expr);
  return [];
}
