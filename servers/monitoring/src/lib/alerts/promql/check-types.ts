import { FlotillaError } from '@flotilla/core';
import {
  COMPARISONS,
  type Expr,
  RANGE_FUNCTIONS,
  type RangeFunction,
  SET_OPERATORS,
  SUPPORTED,
} from './ast.ts';

export type ValueType = 'scalar' | 'vector' | 'range';

export const isComparison = (op: string): boolean => (COMPARISONS as readonly string[]).includes(op);
export const isSetOperator = (op: string): boolean => (SET_OPERATORS as readonly string[]).includes(op);
export const isRangeFunction = (name: string): name is RangeFunction =>
  (RANGE_FUNCTIONS as readonly string[]).includes(name);

/** An alert wants an instant vector. INVALID_INPUT in the words of what is wrong. */
export function checkTypes(expr: Expr, text: string): void {
  const wrong = (message: string): FlotillaError =>
    new FlotillaError('INVALID_INPUT', message, { details: { expr: text }, hint: SUPPORTED });

  const typeOf = (one: Expr): ValueType => {
    switch (one.kind) {
      case 'number':
        return 'scalar';
      case 'selector':
        return 'vector';
      case 'range':
        return 'range';
      case 'negate':
        if (typeOf(one.expr) === 'range') throw wrong('A range such as x[5m] cannot be negated.');
        return typeOf(one.expr);
      case 'aggregate':
        if (typeOf(one.expr) !== 'vector') throw wrong(`${one.op}() wants an instant vector.`);
        return 'vector';
      case 'call':
        return typeOfCall(one);
      case 'binary':
        return typeOfBinary(one);
    }
  };

  const typeOfCall = ({ name, args }: Expr & { kind: 'call' }): ValueType => {
    const types = args.map(typeOf);
    if (name === 'time') return 'scalar';
    const wanted = isRangeFunction(name) ? 'range' : 'vector';
    if (types[0] !== wanted)
      throw wrong(`${name}() wants ${wanted === 'range' ? 'a range such as x[5m]' : 'an instant vector'}.`);
    if (name === 'predict_linear' && types[1] !== 'scalar')
      throw wrong('predict_linear() wants seconds as second argument.');
    const [arg] = args;
    if (
      (name === 'rate' || name === 'increase') &&
      arg?.kind === 'range' &&
      !arg.selector.name.endsWith('_total')
    )
      throw wrong(
        `${name}() wants a counter (a name that ends in _total); for gauges there are delta() and deriv().`,
      );
    return 'vector';
  };

  const typeOfBinary = ({ op, left, right, bool }: Expr & { kind: 'binary' }): ValueType => {
    const types = [typeOf(left), typeOf(right)];
    if (types.includes('range')) throw wrong(`A range such as x[5m] cannot be an operand of ${op}.`);
    const scalars = types.every((type) => type === 'scalar');
    if (isSetOperator(op) && types.includes('scalar'))
      throw wrong(`${op} works between instant vectors only.`);
    if (scalars && isComparison(op) && !bool)
      throw wrong('A comparison of two numbers needs the bool modifier.');
    if (bool && !isComparison(op)) throw wrong('bool belongs to comparisons only.');
    return scalars ? 'scalar' : 'vector';
  };

  if (typeOf(expr) !== 'vector')
    throw wrong('An alert expression must give an instant vector: one element per thing that is wrong.');
}
