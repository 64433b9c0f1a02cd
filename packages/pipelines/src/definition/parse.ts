import { visibleControls } from '@flotilla/core';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { LIMITS } from './limits.ts';
import type { Problem } from './problem.ts';
import { Pipeline } from './schema.ts';

export type Parsed = { pipeline: Pipeline; problems: [] } | { pipeline?: undefined; problems: Problem[] };

const wrong = (path: string, message: string): Parsed => ({ problems: [{ path, message }] });

/** A definition as YAML or JSON text, or as the value that such text stands for. */
export function parsePipeline(source: unknown): Parsed {
  if (typeof source !== 'string') return readValue(source);
  if (source.length > LIMITS.text) return wrong('', `longer than ${LIMITS.text} characters`);
  let value: unknown;
  try {
    const document = parseDocument(source, { uniqueKeys: true, merge: false, version: '1.2' });
    if (document.errors.length > 0)
      return {
        problems: document.errors.slice(0, LIMITS.problems).map(({ message, linePos }) => ({
          path: linePos ? `line ${linePos[0].line}` : '',
          message: visibleControls(message.split('\n')[0] ?? ''),
        })),
      };
    value = document.toJS({ maxAliasCount: LIMITS.yamlAliases });
  } catch (error) {
    return wrong('', visibleControls((error as Error).message).slice(0, 300));
  }
  return readValue(value);
}

function readValue(value: unknown): Parsed {
  const shape = refuseShape(value);
  if (shape) return { problems: [shape] };
  const parsed = Pipeline.safeParse(value);
  if (parsed.success) return { pipeline: parsed.data, problems: [] };
  return {
    problems: parsed.error.issues.slice(0, LIMITS.problems).flatMap((issue) => problemsOf(issue, value)),
  };
}

/** Nesting, size and names that could harm whoever walks over it. */
function refuseShape(value: unknown): Problem | undefined {
  let nodes = 0;
  const visit = (one: unknown, path: string, depth: number): Problem | undefined => {
    nodes += typeof one === 'string' ? 1 + one.length / 100 : 1;
    if (nodes > LIMITS.text / 4) return { path, message: 'the definition is too large' };
    if (typeof one === 'string' && one.includes('\0')) return { path, message: 'a NUL character' };
    if (typeof one !== 'object' || one === null) return undefined;
    if (depth > LIMITS.depth) return { path, message: `nested more than ${LIMITS.depth} deep` };
    for (const [key, member] of Object.entries(one)) {
      if (key === '__proto__') return { path, message: '`__proto__` is not a name' };
      const found = visit(member, path === '' ? key : `${path}.${key}`, depth + 1);
      if (found) return found;
    }
    return undefined;
  };
  return visit(value, '', 0);
}

const plain = (message: string): string => message.replace(/^Invalid (?:input|option): /, '');

/** Steps are named by their key, not by their position. */
export function pathText(path: readonly PropertyKey[], value: unknown): string {
  const words = path.map(String);
  if (words[0] !== 'steps' || words[1] === undefined) return words.join('.');
  const steps = (value as { steps?: readonly { key?: unknown }[] } | null)?.steps;
  const key = Array.isArray(steps) ? steps[Number(words[1])]?.key : undefined;
  return [
    'steps',
    typeof key === 'string' ? visibleControls(key.slice(0, 40)) : words[1],
    ...words.slice(2),
  ].join('.');
}

function problemsOf(issue: z.core.$ZodIssue, value: unknown): Problem[] {
  const path = pathText(issue.path, value);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, 10).map((key) => ({
      path: path === '' ? visibleControls(key) : `${path}.${visibleControls(key)}`,
      message: 'unknown',
    }));
  if (issue.code === 'invalid_union') {
    const messages = issue.errors
      .flatMap((branch) => branch.slice(0, 1))
      .map(({ message }) => plain(message));
    return [{ path, message: [...new Set(messages)].join(' or ') || plain(issue.message) }];
  }
  return [{ path, message: plain(issue.message) }];
}
