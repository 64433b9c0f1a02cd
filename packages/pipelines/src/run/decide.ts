import { asksForStates, whenOf } from '../check/when.ts';
import type { Pipeline, Step } from '../definition/schema.ts';
import { ExpressionError } from '../expression/language.ts';
import type { StepResult } from './results.ts';
import type { Running } from './running.ts';
import { openScope } from './scope.ts';

const failed = ({ state }: StepResult): boolean =>
  state === 'failed' || state === 'timed_out' || state === 'cancelled';

/** A step counts as done when it succeeded, or failed and was declared not to matter. */
const isDone = (pipeline: Pipeline, result: StepResult): boolean => {
  const step = pipeline.steps.find(({ key }) => key === result.key);
  return result.state === 'succeeded' || (failed(result) && step?.onFailure === 'continue');
};

/** Why a step whose needs have ended does not run; undefined when it does. Throws ExpressionError. */
export function whyNot(on: Running, step: Step): string | undefined {
  const { pipeline, results, graph } = on;
  const needs = step.needs.flatMap((key) => results.get(key) ?? []);
  const missing = needs
    .filter((need) => !isDone(pipeline, need))
    .map(({ key, state }) => `${key} is ${state}`);
  const success = missing.length === 0 ? undefined : missing.slice(0, 3).join(', ');
  const when = whenOf(step.when);
  if (when === 'always') return undefined;
  if (when === 'success') return success;
  if (when === 'any_failed') {
    const before = [...(graph.before.get(step.key) ?? [])].flatMap((key) => results.get(key) ?? []);
    return before.some(failed) ? undefined : 'nothing before it failed';
  }
  if (success !== undefined && !asksForStates(when)) return success;
  const value = when.evaluate(openScope(on));
  if (typeof value !== 'boolean') throw new ExpressionError(`the condition gives ${typeof value}`);
  return value ? undefined : `${when.text.slice(0, 200)} is false`;
}

export interface Verdict {
  /** Some step failed that mattered. */
  failed: boolean;
  undo: boolean;
}

/** What follows from how all steps ended. */
export function judge({ pipeline, results }: Running): Verdict {
  const mattered = pipeline.steps.filter((step) => {
    const result = results.get(step.key);
    return result && failed(result) && step.onFailure !== 'continue';
  });
  return {
    failed: mattered.length > 0,
    undo: mattered.some((step) => (step.onFailure ?? pipeline.onFailure) === 'undo'),
  };
}
