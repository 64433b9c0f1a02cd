import { FlotillaError } from '@flotilla/core';

type Schema = Record<string, unknown>;

/** What `@file` and `-` stand for. */
export interface ArgumentSources {
  readFile(path: string): Promise<string>;
  readStdin(): Promise<string>;
}

const invalid = (message: string, hint: string): FlotillaError =>
  new FlotillaError('INVALID_INPUT', message, { hint });

const FORMS = 'Give arguments as key=value, key=@file, one JSON object, or - to read the object from stdin.';

function parseObject(text: string, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`${where} is not JSON: ${(cause as Error).message}`, FORMS);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${where} is not a JSON object.`, FORMS);
  return value as Record<string, unknown>;
}

/** JSON types that a schema admits; empty when it does not say. */
function admittedTypes(schema: Schema | undefined): Set<string> {
  if (schema === undefined) return new Set();
  const { type, enum: values, const: constant } = schema;
  const types = [type].flat().filter((one) => typeof one === 'string') as string[];
  const fixed = [...(Array.isArray(values) ? values : []), ...(constant === undefined ? [] : [constant])];
  const branches = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => (schema[key] as Schema[] | undefined) ?? []);
  return new Set([
    ...types,
    ...fixed.map(jsonType),
    ...branches.flatMap((branch) => [...admittedTypes(branch)]),
  ]);
}

function jsonType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

function admits(types: ReadonlySet<string>, value: unknown): boolean {
  const type = jsonType(value);
  return types.has(type) || (type === 'number' && types.has('integer') && Number.isInteger(value));
}

/** Text as the schema wants it: JSON of a type it admits, else the text itself. */
export function readValue(text: string, schema: Schema | undefined): unknown {
  const types = admittedTypes(schema);
  if (types.size === 1 && types.has('string')) return text;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'string' && (types.size === 0 || admits(types, value))) return value;
  } catch {
    // Not JSON: it is a word.
  }
  return text;
}

function propertyOf(schema: Schema | undefined, name: string): Schema | undefined {
  const properties = schema?.['properties'] as Record<string, Schema> | undefined;
  if (properties && Object.hasOwn(properties, name)) return properties[name];
  const others = schema?.['additionalProperties'];
  return typeof others === 'object' && others !== null ? (others as Schema) : undefined;
}

/** Sets `a.b` inside `a`, when the schema knows no argument of the dotted name itself. */
function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    Object.defineProperty(target, first, { value, enumerable: true, configurable: true, writable: true });
    return;
  }
  const inner = Object.hasOwn(target, first) ? target[first] : undefined;
  const next = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  assign(next, rest, value);
  assign(target, [first], next);
}

/**
 * The arguments of a tool call from the words of a command line: one JSON object, `-`, or `key=value` words.
 * Values are read as JSON where that gives a type the tool's schema wants; `key=@file` takes a file's text,
 * `key=@@x` the text `@x`; `a.b=c` sets a field inside `a`. INVALID_INPUT.
 */
export async function parseArguments(
  words: readonly string[],
  schema: Schema | undefined,
  sources: ArgumentSources,
): Promise<Record<string, unknown>> {
  const [first] = words;
  if (first === '-' && words.length === 1) return parseObject(await sources.readStdin(), 'Standard input');
  if (first?.trimStart().startsWith('{') && words.length === 1) return parseObject(first, 'The argument');
  const result: Record<string, unknown> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals <= 0) throw invalid(`${JSON.stringify(word)} is not key=value.`, FORMS);
    const key = word.slice(0, equals);
    const path = propertyOf(schema, key) ? [key] : key.split('.');
    const wanted = path.reduce<Schema | undefined>(propertyOf, schema);
    assign(result, path, readValue(await expand(word.slice(equals + 1), sources), wanted));
  }
  return result;
}

async function expand(text: string, sources: ArgumentSources): Promise<string> {
  if (text.startsWith('@@')) return text.slice(1);
  if (!text.startsWith('@') || text.length === 1) return text;
  const path = text.slice(1);
  try {
    return await sources.readFile(path);
  } catch (cause) {
    throw new FlotillaError('INVALID_INPUT', `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'key=@file reads a file; write key=@@… for text that starts with @.',
    });
  }
}
