import { FlotillaError } from '@flotilla/core';
import type { ImportFiles } from '../plan.ts';
import { jsonFault } from './json-fault.ts';

/**
 * The object in a JSON file, or undefined when there is no such file. INVALID_INPUT names file, line and column; it never
 * repeats the content, which may hold passwords.
 */
export function readJsonObject(files: ImportFiles, file: string): Record<string, unknown> | undefined {
  const text = files.read(file)?.replace(/^\uFEFF/, '');
  if (text === undefined) return undefined;
  const value = parse(text, file);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new FlotillaError(
    'INVALID_INPUT',
    `${file} does not hold an object of names. Nothing was imported.`,
    {
      details: { file },
    },
  );
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const offset = jsonFault(text);
    const before = text.slice(0, offset).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw new FlotillaError(
      'INVALID_INPUT',
      `${file} is not valid JSON: line ${line}, column ${column}. Nothing was imported.`,
      {
        details: { file, line, column },
        hint: 'Correct the file and import again.',
      },
    );
  }
}
