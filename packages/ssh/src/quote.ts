import { FlotillaError } from '@flotilla/core';

/**
 * One word of POSIX shell text that stands for exactly `value` (POSIX.1 2.2.2 single quotes).
 * INVALID_INPUT for a NUL byte: no argument can hold one.
 */
export function quote(value: string): string {
  if (value.includes('\0')) {
    throw new FlotillaError('INVALID_INPUT', 'A NUL character cannot be part of a shell word.');
  }
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/** Words joined by spaces, each quoted. */
export function quoteAll(values: readonly string[]): string {
  return values.map(quote).join(' ');
}
