import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { FlotillaError } from '@flotilla/core';
import { ApiInput } from './api-input.ts';
import { ApiAlias } from './settings.ts';

const NAME = 'apis.json';
const MAX_BYTES = 4 * 1024 * 1024;

export interface ApisFile {
  path: string;
  apis: { alias: string; input: ApiInput; leftOut: string[] }[];
  /** What does not fit, in words that never repeat values: they may be secrets. */
  refused: { alias: string; reason: string }[];
  secrets: number;
}

/**
 * Reads apis.json of the earlier orchestrator: `{alias: {url, auth_method, …}}`. `place` is the file or its folder.
 * NOT_FOUND, INVALID_INPUT.
 */
export async function readApisFile(place: string): Promise<ApisFile> {
  if (!isAbsolute(place)) throw new FlotillaError('INVALID_INPUT', 'path has to be absolute.');
  const path = place.endsWith(`/${NAME}`) ? place : join(place, NAME);
  const entries = parse(await text(path), path);
  const file: ApisFile = { path, apis: [], refused: [], secrets: 0 };
  for (const [alias, value] of Object.entries(entries)) {
    const read = readEntry(alias, value);
    if ('reason' in read) {
      file.refused.push({ alias: alias.slice(0, 100), reason: read.reason });
      continue;
    }
    file.apis.push({ alias, ...read });
    if (read.input.api_key ?? read.input.htpasswd_pass) file.secrets++;
  }
  return file;
}

async function text(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile())
    throw new FlotillaError('NOT_FOUND', `There is no ${NAME} there.`, {
      details: { path },
      hint: 'A person names the data folder of the orchestrator: flotilla call api_import with path.',
    });
  if (found.size > MAX_BYTES)
    throw new FlotillaError('INVALID_INPUT', `${NAME} is larger than 4 MiB.`, { details: { path } });
  return readFile(path, 'utf8');
}

function parse(json: string, path: string): object {
  try {
    const value: unknown = JSON.parse(json.replace(/^\uFEFF/, ''));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // The words of the parser repeat the content.
  }
  throw new FlotillaError(
    'INVALID_INPUT',
    `${NAME} does not hold an object of names. Nothing was imported.`,
    {
      details: { path },
    },
  );
}

function readEntry(
  alias: string,
  value: unknown,
): { input: ApiInput; leftOut: string[] } | { reason: string } {
  if (!ApiAlias.safeParse(alias).success)
    return { reason: 'the name does not fit: letters, digits, dot, dash and underscore' };
  if (typeof value !== 'object' || value === null) return { reason: 'it is no object' };
  const given = Object.entries(value).filter(
    ([key, field]) => field !== null && (field !== '' || key === 'auth_scheme'),
  );
  const parsed = ApiInput.safeParse(Object.fromEntries(given));
  if (!parsed.success)
    return {
      reason: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
    };
  const leftOut = given.map(([key]) => key).filter((key) => !(key in ApiInput.shape));
  return { input: parsed.data, leftOut };
}
