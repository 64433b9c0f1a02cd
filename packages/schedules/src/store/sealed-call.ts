import { type Cipher, FlotillaError, hideSecrets, type Redactor } from '@flotilla/core';
import { z } from 'zod';
import type { ScheduledCall } from './types.ts';

/** Bound to its schedule: what is moved to another one does not open. */
const Sealed = z.object({
  schedule: z.string(),
  tool: z.string(),
  args: z.record(z.string(), z.unknown()),
  principal: z.object({
    id: z.string(),
    kind: z.enum(['stdio', 'cli', 'token']),
    client: z.object({ name: z.string(), version: z.string() }).optional(),
  }),
});

export const sealCall = (cipher: Cipher, schedule: string, call: ScheduledCall): string =>
  cipher.seal(JSON.stringify({ schedule, ...call }));

export function openCall(cipher: Cipher, schedule: string, sealed: string): ScheduledCall {
  const { schedule: of, tool, args, principal } = Sealed.parse(JSON.parse(cipher.open(sealed)));
  if (of !== schedule)
    throw new FlotillaError('INTERNAL', 'The stored call of a schedule belongs to another one.');
  const { client, ...who } = principal;
  return { tool, args, principal: { ...who, ...(client && { client }) } };
}

/** The values of secret arguments, to be masked wherever they appear. */
export function secretValues(args: Record<string, unknown>, paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const value = path.split('.').reduce<unknown>((holder, key) => member(holder, key), args);
    return stringsIn(value);
  });
}

/** Arguments for people and models: without secret fields and without known secret values in others. */
export const shownArgs = (
  args: Record<string, unknown>,
  paths: readonly string[],
  redactor: Redactor,
): Record<string, unknown> => redactor.value(hideSecrets(args, paths));

const member = (holder: unknown, key: string): unknown =>
  typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
    ? (holder as Record<string, unknown>)[key]
    : undefined;

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}
