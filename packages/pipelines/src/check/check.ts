import { LIMITS } from '../definition/limits.ts';
import type { Problem } from '../definition/problem.ts';
import type { Pipeline, Step } from '../definition/schema.ts';
import { knownText } from '../expression/known-values.ts';
import { ExpressionError, type Root, type Scope } from '../expression/language.ts';
import { isTemplate, parseTemplate, templatesIn } from '../expression/template.ts';
import { checkCall, expressionType, resolve } from './check-call.ts';
import { type Graph, graphOf } from './graph.ts';
import { inputProblem } from './inputs.ts';
import { checkReferences, type Place } from './references.ts';
import type { CheckedCall, Surroundings } from './surroundings.ts';
import { whenOf } from './when.ts';

export interface CheckedStep {
  call: CheckedCall;
  undo?: CheckedCall;
  /** Hosts of forEach, when they are known. */
  hosts?: readonly string[];
}

export interface Checked {
  graph: Graph;
  steps: ReadonlyMap<string, CheckedStep>;
  problems: Problem[];
}

/**
 * Everything that can be known to be wrong before anything runs, all at once. `known`: values that expressions will have,
 * e.g. the inputs of a run.
 */
export function checkPipeline(pipeline: Pipeline, around: Surroundings, known: Scope = {}): Checked {
  const { graph, problems } = graphOf(pipeline.steps);
  const steps = new Map<string, CheckedStep>();
  let expressions = 0;
  for (const step of pipeline.steps) {
    for (const _ of templatesIn(step)) expressions += 1;
    if (expressions > LIMITS.expressions || problems.length > 10 * LIMITS.problems) break;
    steps.set(step.key, checkStep(pipeline, step, graph, { around, known, problems }));
  }
  if (expressions > LIMITS.expressions)
    problems.push({ path: 'steps', message: `more than ${LIMITS.expressions} expressions` });
  for (const name of pipeline.secrets)
    if (!around.secret(name))
      problems.push({
        path: 'secrets',
        message: `the vault has no secret ${name}: flotilla secret set ${name}`,
      });
  for (const [name, input] of Object.entries(pipeline.inputs)) {
    const problem = input.default === undefined ? undefined : inputProblem(input, input.default);
    if (problem !== undefined) problems.push({ path: `inputs.${name}.default`, message: problem });
    if (input.secret && input.default !== undefined)
      problems.push({ path: `inputs.${name}.default`, message: 'a secret has no default' });
  }
  for (const [index, lock] of pipeline.locks.entries())
    checkText(pipeline, lock, { path: `locks.${index}`, roots: ['inputs'] }, problems);
  checkTriggers(pipeline, around, problems);
  return { graph, steps, problems: distinct(problems) };
}

/** What a step is checked against, and where its problems go. */
interface Against {
  around: Surroundings;
  known: Scope;
  problems: Problem[];
}

const OUTSIDE: readonly Root[] = ['inputs', 'steps', 'run'];

function checkStep(
  pipeline: Pipeline,
  step: Step,
  graph: Graph,
  { around, known, problems }: Against,
): CheckedStep {
  const path = `steps.${step.key}`;
  const ended = graph.before.get(step.key) ?? new Set<string>();
  const outside: Place = { path, roots: OUTSIDE, steps: ended, step };
  const inside: Place = { ...outside, roots: [...OUTSIDE, 'secrets', 'each'] };
  checkWhen(pipeline, step, outside, problems);
  if (step.lock) checkText(pipeline, step.lock, { ...outside, path: `${path}.lock` }, problems);
  if (step.approval)
    checkText(pipeline, step.approval.prompt, { ...outside, path: `${path}.approval.prompt` }, problems);
  const call = checkCall(pipeline, step, inside, around, known);
  problems.push(...call.problems);
  const hosts = checkForEach(pipeline, step, outside, { around, known, problems });
  const result: CheckedStep = { call: call.checked, ...(hosts && { hosts }) };
  if (!step.undo) return result;
  const undoPlace = { ...inside, path: `${path}.undo`, steps: new Set([...ended, step.key]) };
  const undo = checkCall(pipeline, step.undo, undoPlace, around, known);
  problems.push(...undo.problems);
  return { ...result, undo: undo.checked };
}

function checkWhen(pipeline: Pipeline, step: Step, place: Place, problems: Problem[]): void {
  const path = `${place.path}.when`;
  try {
    const when = whenOf(step.when);
    if (typeof when === 'string') {
      if (when !== 'success' && step.needs.length === 0)
        problems.push({ path, message: `${when} needs "needs": there is nothing to wait for` });
      return;
    }
    problems.push(...checkReferences(pipeline, when, { ...place, path }));
    const type = expressionType(pipeline, when);
    if (type !== undefined && type !== 'boolean')
      problems.push({ path, message: `gives ${type}, it must be true or false` });
  } catch (error) {
    problems.push({ path, message: wordsOf(error) });
  }
}

function checkForEach(
  pipeline: Pipeline,
  { forEach }: Step,
  place: Place,
  { around, known, problems }: Against,
): string[] | undefined {
  if (!forEach) return undefined;
  const source = 'hosts' in forEach ? forEach.hosts : forEach.items;
  const path = `${place.path}.forEach.${'hosts' in forEach ? 'hosts' : 'items'}`;
  let open = false;
  for (const { text } of templatesIn([source])) {
    open = true;
    checkText(pipeline, text, { ...place, path }, problems);
  }
  if ('hosts' in forEach) {
    const words = [forEach.hosts].flat().flatMap((word) => knownText(word, known));
    const certain = words.every((word) => typeof word === 'string' && !isTemplate(word));
    return certain ? resolve(words as string[], path, around, problems) : undefined;
  }
  if (open) return undefined;
  if (!Array.isArray(source)) problems.push({ path, message: 'a list, or an expression that gives one' });
  return undefined;
}

function checkText(pipeline: Pipeline, text: string, place: Place, problems: Problem[]): void {
  try {
    for (const part of parseTemplate(text))
      if (typeof part === 'object') problems.push(...checkReferences(pipeline, part, place));
  } catch (error) {
    problems.push({ path: place.path, message: wordsOf(error) });
  }
}

function checkTriggers(pipeline: Pipeline, around: Surroundings, problems: Problem[]): void {
  const { webhook } = pipeline.triggers ?? {};
  if (!webhook) return;
  if (!around.secret(webhook.secret))
    problems.push({
      path: 'triggers.webhook.secret',
      message: `the vault has no secret ${webhook.secret}: flotilla secret set ${webhook.secret}`,
    });
  for (const [name, text] of Object.entries(webhook.inputs)) {
    const path = `triggers.webhook.inputs.${name}`;
    if (!Object.hasOwn(pipeline.inputs, name)) problems.push({ path, message: 'there is no such input' });
    checkText(pipeline, text, { path, roots: ['body'] }, problems);
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof ExpressionError) return error.message;
  throw error;
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((one) => [`${one.path}\0${one.message}`, one])).values()];
}
