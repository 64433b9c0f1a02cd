import { createHash } from 'node:crypto';

/** Clients cut names beyond 60 to 64 characters, their own prefix included. */
const MAX_NAME = 48;

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 6);

/**
 * The hub's name for a tool of a third-party server: `<server>__<tool>`, characters outside [A-Za-z0-9_-] replaced.
 * A name that had to be shortened or changed ends with a hash of the original, so that it stays unique and the same.
 */
export function prefixedName(server: string, tool: string): string {
  const whole = `${server}__${tool}`;
  const clean = whole.replace(/[^A-Za-z0-9_-]/g, '_');
  if (clean === whole && clean.length <= MAX_NAME) return clean;
  return `${clean.slice(0, MAX_NAME - 7)}_${shortHash(whole)}`;
}
