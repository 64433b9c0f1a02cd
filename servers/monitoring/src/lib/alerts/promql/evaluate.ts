import type { AggregateName, Expr, RangeFunction } from './ast.ts';
import { isRangeFunction } from './check-types.ts';
import { combine, keepLabels, labelKey, type Value } from './operators.ts';
import { overRange } from './range-functions.ts';
import type { Element, SeriesSource } from './source.ts';

/** One element per series for which the expression holds at `at` (epoch milliseconds). NaN never holds. */
export async function evaluate(expr: Expr, source: SeriesSource, at: number): Promise<Element[]> {
  const value = await compute(expr, source, at);
  const elements = typeof value === 'number' ? [{ labels: {}, value }] : value;
  return elements.filter(({ value: one }) => !Number.isNaN(one));
}

async function compute(expr: Expr, source: SeriesSource, at: number): Promise<Value> {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'selector':
      return source.instant(expr, at);
    case 'negate': {
      const value = await compute(expr.expr, source, at);
      return typeof value === 'number' ? -value : mapped(value, (one) => -one);
    }
    case 'binary':
      return combine(expr, await compute(expr.left, source, at), await compute(expr.right, source, at));
    case 'aggregate':
      return aggregate(expr, (await compute(expr.expr, source, at)) as Element[]);
    case 'call':
      return call(expr, source, at);
    case 'range':
      throw new Error('a range is an argument only');
  }
}

async function call(expr: Expr & { kind: 'call' }, source: SeriesSource, at: number): Promise<Value> {
  const [first, second] = expr.args;
  if (expr.name === 'time' || first === undefined) return at / 1000;
  if (isRangeFunction(expr.name) && first.kind === 'range') {
    const seconds = second ? ((await compute(second, source, at)) as number) : 0;
    return overRanges(expr.name, first, { source, at, seconds });
  }
  const elements = (await compute(first, source, at)) as Element[];
  if (expr.name === 'absent') return elements.length > 0 ? [] : [{ labels: equalLabels(first), value: 1 }];
  const round = { abs: Math.abs, ceil: Math.ceil, floor: Math.floor, round: Math.round }[expr.name as 'abs'];
  return mapped(elements, round);
}

async function overRanges(
  name: RangeFunction,
  { selector, rangeMs }: Expr & { kind: 'range' },
  { source, at, seconds }: { source: SeriesSource; at: number; seconds: number },
): Promise<Element[]> {
  const found = await source.range(selector, rangeMs, at);
  return found.flatMap(({ labels, points }) => {
    const value = overRange(name, points, { rangeMs, at: at - selector.offsetMs, seconds });
    return value === undefined ? [] : [{ labels, value }];
  });
}

/** `absent(up{job="a"})` has the labels that its matchers name. */
function equalLabels(expr: Expr): Record<string, string> {
  if (expr.kind !== 'selector') return {};
  return Object.fromEntries(
    expr.matchers
      .filter(({ op, value }) => op === '=' && value !== '')
      .map(({ label, value }) => [label, value]),
  );
}

const mapped = (elements: readonly Element[], change: (value: number) => number): Element[] =>
  elements.map(({ labels, value }) => ({ labels, value: change(value) }));

const AGGREGATIONS: Readonly<Record<AggregateName, (values: readonly number[]) => number>> = {
  avg: (values) => values.reduce((total, one) => total + one, 0) / values.length,
  sum: (values) => values.reduce((total, one) => total + one, 0),
  min: (values) => values.reduce((least, one) => Math.min(least, one)),
  max: (values) => values.reduce((most, one) => Math.max(most, one)),
  count: (values) => values.length,
};

function aggregate({ op, grouping }: Expr & { kind: 'aggregate' }, elements: readonly Element[]): Element[] {
  const groups = new Map<string, { labels: Element['labels']; values: number[] }>();
  for (const { labels, value } of elements) {
    const kept = keepLabels(labels, grouping.mode, grouping.labels);
    const key = labelKey(kept);
    const group = groups.get(key) ?? { labels: kept, values: [] };
    group.values.push(value);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ labels, values }) => ({ labels, value: AGGREGATIONS[op](values) }));
}
