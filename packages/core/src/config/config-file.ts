import { z } from 'zod';
import { FlotillaError } from '../errors.ts';
import { type ReferenceSources, resolveAll } from './references.ts';
import { ConfigFile } from './schema.ts';

const HINT = 'Correct the file, or move it away to start with the defaults.';

function allowedKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = ConfigFile;
  for (const key of path) {
    while (schema instanceof z.ZodOptional) schema = schema.def.innerType;
    if (schema instanceof z.ZodObject) schema = schema.shape[String(key)];
    else if (schema instanceof z.ZodRecord) schema = schema.def.valueType;
    else return [];
  }
  while (schema instanceof z.ZodOptional) schema = schema.def.innerType;
  return schema instanceof z.ZodObject ? Object.keys(schema.shape).filter((key) => key !== '$schema') : [];
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code !== 'unrecognized_keys') return `${path === '' ? '' : `${path}: `}${issue.message}`;
  const keys = issue.keys.map((key) => JSON.stringify(key.slice(0, 80))).join(', ');
  const where = path === '' ? '' : ` in ${path}`;
  return `unknown key ${keys}${where}; allowed: ${allowedKeys(issue.path).join(', ')}`;
}

/** The checked content of a config file. INVALID_INPUT names the file, the key and the allowed ones. */
export function parseConfigFile(text: string, path: string, sources: ReferenceSources): ConfigFile {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlotillaError('INVALID_INPUT', `The config file ${path} is not JSON: ${reason}`, {
      hint: HINT,
      cause,
    });
  }
  const parsed = ConfigFile.safeParse(resolveAll(content, sources));
  if (!parsed.success) {
    const issues = parsed.error.issues.slice(0, 5).map(describe);
    throw new FlotillaError('INVALID_INPUT', `Config file ${path}: ${issues.join('; ')}.`, {
      details: { file: path, issues },
      hint: HINT,
    });
  }
  return parsed.data;
}
