import { maxEffect } from '../effects.ts';
import type { PublishedTool } from '../tool/answer.ts';
import type { AnyTool } from '../tool/define-tool.ts';
import { publishTool } from '../tool/publish.ts';
import { type JsonSchema, walkSchema } from './json-schema.ts';

export const MAX_TEXT_BYTES = 2_048;
const MAX_SENTENCES = 4;
const MAX_SCHEMA_BYTES = 32_768;
const ROOT_UNIONS = ['anyOf', 'oneOf', 'allOf', 'not', 'if'];
const TYPING = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf'];

export function sentences(text: string): number {
  const abbreviated = text.replace(/\b(?:e\.g|i\.e|etc|vs)\./gi, '');
  return abbreviated.split(/[.!?](?:\s+|$)/).filter((part) => part.trim() !== '').length;
}

function* checkWords(tool: AnyTool): Generator<string> {
  if (!/^[a-z0-9_]{1,48}$/.test(tool.name)) yield 'the name must be [a-z0-9_], at most 48 characters';
  if (tool.title.trim() === '') yield 'it has no title';
  if (tool.description.trim() === '') yield 'it has no description';
  if (sentences(tool.description) > MAX_SENTENCES)
    yield `the description has more than ${MAX_SENTENCES} sentences`;
  if (Buffer.byteLength(tool.description) > MAX_TEXT_BYTES)
    yield `the description is longer than ${MAX_TEXT_BYTES} bytes`;
  if (/^this tool\b/i.test(tool.description)) yield 'the description starts with "This tool"';
}

function* checkInput(schema: JsonSchema): Generator<string> {
  if (schema['type'] !== 'object') yield 'the input schema is not a plain object';
  for (const key of ROOT_UNIONS) if (key in schema) yield `the input schema has ${key} at its root`;
  if (schema['additionalProperties'] !== false) yield 'the input schema accepts unknown arguments';
  for (const { path, schema: inner, property } of walkSchema(schema)) {
    if (property && typeof inner['description'] !== 'string') yield `argument ${path} is not described`;
    if (property && !TYPING.some((key) => key in inner)) yield `argument ${path} has no type`;
    if (inner['type'] === 'object' && inner['additionalProperties'] === undefined && 'properties' in inner)
      yield `argument ${path} drops unknown keys: use z.strictObject`;
  }
}

function* checkOutput(tool: AnyTool): Generator<string> {
  for (const reserved of ['run', 'error'])
    if (Object.hasOwn(tool.output.shape, reserved)) yield `the output key ${reserved} is reserved`;
}

function* checkPortable(published: PublishedTool): Generator<string> {
  const text = JSON.stringify(published);
  if (Buffer.byteLength(text) > MAX_SCHEMA_BYTES)
    yield `it takes more than ${MAX_SCHEMA_BYTES} bytes to list`;
  if (text.includes('"$ref"')) yield 'its schemas use $ref';
  for (const key of ['inputSchema', 'outputSchema'])
    if (JSON.stringify(published[key]) === undefined) yield `${key} is missing`;
}

function* checkHints(tool: AnyTool, { annotations = {} }: PublishedTool): Generator<string> {
  const max = maxEffect(tool.effect);
  if (annotations['readOnlyHint'] !== (max === 'read')) yield 'readOnlyHint contradicts the effect';
  if (annotations['destructiveHint'] !== (max === 'destroy')) yield 'destructiveHint contradicts the effect';
}

/** What is wrong with one tool. */
export function checkTool(tool: AnyTool): string[] {
  try {
    const published = publishTool(tool);
    return [
      ...checkWords(tool),
      ...checkInput(published.inputSchema),
      ...checkOutput(tool),
      ...checkPortable(published),
      ...checkHints(tool, published),
    ];
  } catch (error) {
    return [...checkWords(tool), `its schemas cannot be published: ${String(error)}`];
  }
}
