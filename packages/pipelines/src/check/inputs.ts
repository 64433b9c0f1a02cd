import type { Problem } from '../definition/problem.ts';
import type { Input, Pipeline } from '../definition/schema.ts';
import { typeOf } from './json-schema.ts';
import { didYouMean } from './references.ts';

type Values = Record<string, unknown>;

export interface GivenInputs {
  inputs?: Values | undefined;
  /** For those that the pipeline declares secret. */
  secretInputs?: Values | undefined;
}

/** The inputs with their defaults, and what is wrong with those that were given. */
export function readInputs(
  pipeline: Pipeline,
  { inputs = {}, secretInputs = {} }: GivenInputs,
): { values: Values; problems: Problem[] } {
  const problems: Problem[] = [];
  const add = (name: string, message: string): void => {
    problems.push({ path: `inputs.${name.slice(0, 60)}`, message });
  };
  const declared = Object.keys(pipeline.inputs);
  for (const name of [...Object.keys(inputs), ...Object.keys(secretInputs)])
    if (!declared.includes(name)) add(name, `unknown${didYouMean(name, declared)}`);
  const values: Values = {};
  for (const [name, input] of Object.entries(pipeline.inputs)) {
    const [right, wrong] = input.secret ? [secretInputs, inputs] : [inputs, secretInputs];
    if (Object.hasOwn(wrong, name))
      add(
        name,
        input.secret ? 'it is secret: give it in secretInputs' : 'it is not secret: give it in inputs',
      );
    const value = Object.hasOwn(right, name) ? right[name] : input.default;
    if (value === undefined) {
      if (input.required) add(name, 'missing');
      continue;
    }
    const problem = inputProblem(input, value);
    if (problem !== undefined) add(name, problem);
    values[name] = value;
  }
  return { values, problems };
}

export function inputProblem(input: Input, value: unknown): string | undefined {
  const type = typeOf(value);
  const fits = input.type === 'integer' ? Number.isInteger(value) : type === input.type;
  if (!fits) return `expected ${input.type}, received ${type}`;
  if (typeof value === 'string' && value.includes('\0')) return 'a NUL character';
  if (input.enum && !input.enum.includes(value as string))
    return `one of ${input.enum.map(String).join(', ')}`;
  return undefined;
}

/** Those that may be shown. */
export const openInputs = (pipeline: Pipeline, values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !pipeline.inputs[name]?.secret));
