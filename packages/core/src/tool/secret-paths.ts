import { z } from 'zod';
import { isSecret } from '../secret.ts';

const WRAPPERS = [z.ZodOptional, z.ZodDefault, z.ZodNullable, z.ZodReadonly, z.ZodPrefault, z.ZodNonOptional];

function inner(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  for (const wrapper of WRAPPERS) if (schema instanceof wrapper) return schema.def.innerType;
  if (schema instanceof z.ZodPipe) return schema.def.in;
  if (schema instanceof z.ZodLazy) return undefined;
  return undefined;
}

function members(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return [schema.def.element];
  if (schema instanceof z.ZodRecord) return [schema.def.valueType];
  if (schema instanceof z.ZodUnion) return schema.def.options;
  if (schema instanceof z.ZodTuple) return schema.def.items;
  if (schema instanceof z.ZodObject) return Object.values(schema.def.shape);
  const wrapped = inner(schema);
  return wrapped === undefined ? [] : [wrapped];
}

function holdsSecret(schema: z.core.$ZodType): boolean {
  return isSecret(schema as z.ZodType) || members(schema).some(holdsSecret);
}

/**
 * Dotted paths of secret fields. A secret somewhere inside an array, a record or a union makes
 * the whole of it secret, so that a path needs no wildcards.
 */
export function secretPaths(schema: z.core.$ZodType, path = ''): string[] {
  if (isSecret(schema as z.ZodType)) return [path];
  const wrapped = inner(schema);
  if (wrapped !== undefined) return secretPaths(wrapped, path);
  if (!(schema instanceof z.ZodObject)) return holdsSecret(schema) ? [path] : [];
  return Object.entries(schema.shape).flatMap(([key, field]) =>
    secretPaths(field as z.ZodType, path === '' ? key : `${path}.${key}`),
  );
}

/** A copy in which every secret field that is present is replaced. */
export function hideSecrets(
  args: Record<string, unknown>,
  paths: readonly string[],
  mask = '[secret]',
): Record<string, unknown> {
  if (paths.length === 0) return args;
  const copy = structuredClone(args);
  for (const path of paths) {
    const keys = path.split('.');
    const last = keys.pop() ?? '';
    let holder: unknown = copy;
    for (const key of keys) holder = isObject(holder) ? holder[key] : undefined;
    if (isObject(holder) && holder[last] !== undefined) holder[last] = mask;
  }
  return copy;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
