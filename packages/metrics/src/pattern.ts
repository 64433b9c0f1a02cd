import { RE2JS, RE2JSException } from 're2js';

/** Longer patterns are refused. */
export const MAX_PATTERN = 300;
const MAX_REMEMBERED = 500;
const remembered = new Map<string, RE2JS>();

/**
 * A test for whole values by a regular expression of RE2, the syntax of Prometheus. Its time grows with the length of
 * the value alone, whatever the pattern. Undefined: no pattern of RE2, or longer than `MAX_PATTERN`.
 */
export function patternTest(pattern: string): ((value: string) => boolean) | undefined {
  const known = remembered.get(pattern) ?? compiled(pattern);
  return known && ((value) => known.matches(value));
}

function compiled(pattern: string): RE2JS | undefined {
  if (pattern.length > MAX_PATTERN) return undefined;
  try {
    const made = RE2JS.compile(pattern, RE2JS.DOTALL);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(pattern, made);
    return made;
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
