import { isFlotillaError } from '@flotilla/core';
import type { Problem } from '../definition/problem.ts';
import type { Pipeline, ToolCall } from '../definition/schema.ts';
import { knownText } from '../expression/known-values.ts';
import { type Expression, ExpressionError, type Scope } from '../expression/language.ts';
import { referencesOf } from '../expression/references.ts';
import { isShellText, refuseShellText } from '../expression/shell-text.ts';
import { isTemplate, parseTemplate, soleExpression, templatesIn } from '../expression/template.ts';
import { SAMPLE, sampleOf, schemasAt, typesOf } from './json-schema.ts';
import { checkReferences, didYouMean, type Place } from './references.ts';
import type { CheckedCall, Surroundings } from './surroundings.ts';

/**
 * A pipeline that starts pipelines would have no end. And it acts as whoever starts it: what an assistant wrote must not save
 * in the name of the person who runs it what only a person may.
 */
const REFUSED = [
  'pipeline_run',
  'pipeline_save',
  'pipeline_remove',
  'schedule_add',
  'task_answer',
  'tool_call',
];

/**
 * The call of a step or its undo: tool, arguments against its schema, expressions, hosts. `known`: what expressions can be
 * evaluated with before anything runs.
 */
export function checkCall(
  pipeline: Pipeline,
  call: ToolCall,
  place: Place,
  around: Surroundings,
  known: Scope,
): { checked: CheckedCall; problems: Problem[] } {
  const problems: Problem[] = [];
  const tool = around.tool(call.tool);
  if (!tool || REFUSED.includes(call.tool)) {
    const message = tool
      ? `a pipeline cannot call ${call.tool}`
      : `there is no tool ${JSON.stringify(call.tool.slice(0, 60))}${didYouMean(call.tool, around.toolNames())}`;
    problems.push({ path: `${place.path}.tool`, message });
  }
  const sampled: string[][] = [];
  const args = structuredClone(call.with);
  for (const { path, text } of templatesIn(call.with)) {
    const where = `${place.path}.with.${path.join('.')}`;
    try {
      const expressions = parseTemplate(text).filter((part) => typeof part === 'object');
      for (const one of expressions)
        problems.push(...checkReferences(pipeline, one, { ...place, path: where }));
      const shell = isShellText(call.tool, path, call.with)
        ? refuseShellText(call.tool, text, call.with)
        : undefined;
      if (shell !== undefined) problems.push({ path: where, message: shell });
      if (expressions.length === 0 || !tool) continue;
      const value = knownText(text, known, isShellText(call.tool, path, call.with));
      if (!(typeof value === 'string' && isTemplate(value))) {
        put(args, path, value);
        continue;
      }
      const schemas = schemasAt(tool.inputSchema, path);
      const type = typeProblem(pipeline, text, schemas);
      if (type !== undefined) problems.push({ path: where, message: type });
      sampled.push([...path]);
      put(args, path, sampleOf(schemas[0]));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      problems.push({ path: where, message: error.message });
      sampled.push([...path]);
    }
  }
  if (!tool) return { checked: {}, problems };
  const found = checkArguments(tool.check, args, sampled, place.path, problems);
  if (!found) return { checked: { tool, effect: tool.maxEffect }, problems };
  const certain = found.aliases.filter((alias) => alias !== SAMPLE);
  const resolved = resolve(certain, `${place.path}.with`, around, problems);
  const hosts = certain.length === found.aliases.length ? resolved : undefined;
  const effect = sampled.length > 0 ? tool.maxEffect : found.effect;
  return { checked: { tool, effect, ...(hosts && { hosts }) }, problems };
}

type Check = NonNullable<CheckedCall['tool']>['check'];

/** What the tool itself would say; what it says of values that only stand in for expressions does not count. */
function checkArguments(
  check: Check,
  args: Record<string, unknown>,
  sampled: readonly string[][],
  path: string,
  problems: Problem[],
): ReturnType<Check> | undefined {
  try {
    return check(args);
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    const issues = error.details['issues'];
    const lines = Array.isArray(issues) ? issues.map(String) : [error.message];
    const touched = (line: string): boolean => {
      const at = /^([\w.-]+): /.exec(line)?.[1]?.split('.') ?? [];
      return sampled.some((one) =>
        at.every((name, index) => one[index] === undefined || one[index] === name),
      );
    };
    const own = Array.isArray(issues) ? lines.filter((line) => !touched(line)) : lines;
    for (const message of own) problems.push({ path: `${path}.with`, message });
    return undefined;
  }
}

function typeProblem(
  pipeline: Pipeline,
  text: string,
  schemas: readonly Record<string, unknown>[],
): string | undefined {
  const sole = soleExpression(parseTemplate(text));
  const type = sole ? expressionType(pipeline, sole) : 'string';
  const admitted = new Set(schemas.flatMap((schema) => [...typesOf(schema)]));
  if (type === undefined || admitted.size === 0 || admitted.has(type)) return undefined;
  if (type === 'number' && admitted.has('integer')) return undefined;
  return `gives ${type}, the tool takes ${[...admitted].join(' or ')}`;
}

const JSON_TYPES: [RegExp, string][] = [
  [/^bool$/, 'boolean'],
  [/^(int|uint|double)$/, 'number'],
  [/^string$/, 'string'],
  [/^list/, 'array'],
  [/^map/, 'object'],
];

/** JSON type of an expression's value, when it is known. */
export function expressionType(pipeline: Pipeline, expression: Expression): string | undefined {
  const [only, ...others] = referencesOf(expression);
  if (others.length === 0 && only?.root === 'inputs' && expression.text === `inputs.${only.path.join('.')}`) {
    const type = only.path.length === 1 ? pipeline.inputs[only.path[0] as string]?.type : undefined;
    return type === 'integer' ? 'number' : type;
  }
  return JSON_TYPES.find(([pattern]) => pattern.test(expression.type))?.[1];
}

function put(holder: unknown, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  const object = holder as Record<string, unknown>;
  if (rest.length === 0) object[first] = value;
  else put(object[first], rest, value);
}

/** The hosts that words stand for; problems for those that are not there. */
export function resolve(
  words: readonly string[],
  path: string,
  around: Surroundings,
  problems: Problem[],
): string[] | undefined {
  try {
    return words.length === 0 ? [] : around.hosts(words).map(({ alias }) => alias);
  } catch (error) {
    if (!isFlotillaError(error)) throw error;
    problems.push({ path, message: error.message });
    return undefined;
  }
}
