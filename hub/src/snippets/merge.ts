import { FlotillaError } from '@flotilla/core';
import type { Client } from './client.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const broken = (file: string, what: string): FlotillaError =>
  new FlotillaError('INVALID_INPUT', `${file} ${what}; it was left as it is.`, {
    details: { file },
    hint: 'Correct the file, or paste the snippet yourself: flotilla config print --client NAME',
  });

function parse(text: string, file: string): Json {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw broken(file, `is not plain JSON (${(cause as Error).message})`);
  }
  if (!isObject(value)) throw broken(file, 'holds no JSON object');
  return value;
}

/** Indentation of a JSON text, two spaces when it cannot be told. */
const indentOf = (text: string): string => /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';

/**
 * A client's config with the entry under `name`; every other part stays, in its order and indentation.
 * `text` undefined: there is no file yet. INVALID_INPUT for a file that is not a JSON object.
 */
export function withEntry(
  client: Client,
  file: string,
  text: string | undefined,
  name: string,
  entry: Json,
): string {
  const config = text === undefined ? {} : parse(text, file);
  const section = config[client.section] ?? {};
  if (!isObject(section)) throw broken(file, `has a "${client.section}" that is no object`);
  const merged = { ...config, [client.section]: { ...section, [name]: entry } };
  return `${JSON.stringify(merged, undefined, indentOf(text ?? ''))}\n`;
}
