import type { z } from 'zod';

const SECRET = 'x-flotilla-secret';

/** Marks a schema field as secret: stored encrypted, never shown, masked wherever its value appears. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ ...schema.meta(), [SECRET]: true }) as T;
}

export function isSecret(schema: z.ZodType): boolean {
  return schema.meta()?.[SECRET] === true;
}
