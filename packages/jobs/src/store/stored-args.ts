import { isDeepStrictEqual } from 'node:util';
import type { Cipher, Redactor } from '@flotilla/core';

type Args = Record<string, unknown>;

interface StoredArgs {
  /** Arguments without their secret fields; absent when all of them are sealed. */
  plain?: Args;
  /** Dotted path → sealed JSON; the path '' stands for the whole. */
  sealed?: Record<string, string>;
  /** Dotted paths of the secret fields, for a run that repeats this one. */
  secretPaths?: readonly string[];
}

/**
 * Arguments as they are stored: fields under `secretPaths` sealed, and everything sealed when a known
 * secret value hides in another field (a password typed into a command).
 */
export function storeArgs(
  args: Args,
  secretPaths: readonly string[],
  cipher: Cipher,
  redactor: Redactor | undefined,
): string {
  if (secretPaths.length === 0 && !redactor) return JSON.stringify({ plain: args });
  const plain = structuredClone(args);
  const sealed: Record<string, string> = {};
  for (const path of secretPaths) {
    const value = take(plain, path.split('.'));
    if (value !== undefined) sealed[path] = cipher.seal(JSON.stringify(value));
  }
  if (redactor && !isDeepStrictEqual(redactor.value(plain), plain)) {
    const whole = cipher.seal(JSON.stringify(args));
    return JSON.stringify({ sealed: { '': whole }, secretPaths } satisfies StoredArgs);
  }
  return JSON.stringify({ plain, sealed, secretPaths } satisfies StoredArgs);
}

export function openArgs(stored: string, cipher: Cipher): Args {
  const { plain = {}, sealed = {} } = JSON.parse(stored) as StoredArgs;
  const whole = sealed[''];
  if (whole !== undefined) return JSON.parse(cipher.open(whole)) as Args;
  for (const [path, value] of Object.entries(sealed))
    put(plain, path.split('.'), JSON.parse(cipher.open(value)));
  return plain;
}

export const secretPathsOf = (stored: string): readonly string[] =>
  (JSON.parse(stored) as StoredArgs).secretPaths ?? [];

function take(holder: Args, path: readonly string[]): unknown {
  const [name = '', ...rest] = path;
  const value = Object.hasOwn(holder, name) ? holder[name] : undefined;
  if (rest.length > 0) return isRecord(value) ? take(value, rest) : undefined;
  delete holder[name];
  return value;
}

function put(holder: Args, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    holder[name] = value;
    return;
  }
  const inner = holder[name];
  if (isRecord(inner)) put(inner, rest, value);
}

const isRecord = (value: unknown): value is Args =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
