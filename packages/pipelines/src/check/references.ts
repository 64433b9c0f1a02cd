import { nearest } from '@flotilla/core';
import type { Problem } from '../definition/problem.ts';
import type { Pipeline, Step } from '../definition/schema.ts';
import type { Expression, Root } from '../expression/language.ts';
import { type Reference, referencesOf } from '../expression/references.ts';

/** What expressions at one place may read. */
export interface Place {
  path: string;
  roots: readonly Root[];
  /** Steps that have ended by then. */
  steps?: ReadonlySet<string>;
  step?: Step;
}

const FIELDS = ['state', 'output', 'failure', 'items', 'truncated'];

/** What an expression names and cannot have there. */
export function checkReferences(pipeline: Pipeline, expression: Expression, place: Place): Problem[] {
  return referencesOf(expression).flatMap((reference) => {
    const message = problemOf(pipeline, reference, place);
    return message === undefined ? [] : [{ path: place.path, message }];
  });
}

function problemOf(pipeline: Pipeline, { root, path }: Reference, place: Place): string | undefined {
  if (!place.roots.includes(root)) return `\`${root}\` cannot be used here`;
  const [name, field] = path;
  if (root === 'inputs') return unknownName('input', name, Object.keys(pipeline.inputs));
  if (root === 'secrets')
    return name === undefined
      ? 'name one secret: secrets.NAME'
      : unknownName('secret in "secrets" of the pipeline', name, pipeline.secrets);
  if (root === 'run') return unknownName('field of `run`', name, ['id', 'pipeline']);
  if (root === 'each') return eachProblem(name, place.step);
  if (root !== 'steps') return undefined;
  if (name === undefined) return 'name one step: steps.KEY';
  const keys = pipeline.steps.map(({ key }) => key);
  if (!keys.includes(name)) return unknownName('step', name, keys);
  if (!place.steps?.has(name)) return `step ${name} has not ended by then: add it to "needs"`;
  return field === undefined || FIELDS.includes(field)
    ? undefined
    : `a step has ${FIELDS.join(', ')}, not ${JSON.stringify(field.slice(0, 40))}`;
}

function eachProblem(name: string | undefined, step: Step | undefined): string | undefined {
  if (!step?.forEach) return '`each` needs "forEach"';
  return unknownName(
    'field of `each`',
    name,
    'hosts' in step.forEach ? ['alias', 'index'] : ['value', 'index'],
  );
}

function unknownName(what: string, name: string | undefined, known: readonly string[]): string | undefined {
  if (name === undefined || known.includes(name)) return undefined;
  return `there is no ${what} ${JSON.stringify(name.slice(0, 60))}${didYouMean(name, known)}`;
}

export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
