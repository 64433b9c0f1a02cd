import { FlotillaError } from '@flotilla/core';
import picomatch from 'picomatch';
import { visible } from '../map-error.ts';

const MAGIC = /[*?[\]{}]/;
const MAX_LENGTH = 1024;
/** More than this in one name could make the matcher take ages. */
const MAX_STARS = 8;

/** Which entries below a folder are wanted. Paths are relative to it, as text. */
export interface Selection {
  selects(relative: string): boolean;
  /** Whether anything below this folder can be wanted. */
  enters(relative: string): boolean;
}

export const everything: Selection = { selects: () => true, enters: () => true };

/** Whether a path could be a pattern. One that exists as written is never one: the caller looks first. */
export const isPattern = (path: string): boolean => MAGIC.test(path);

/**
 * `*` `**` `?` `[ab]` `{a,b}` as in a shell: names that begin with a dot only match where the pattern has that dot,
 * and a folder that matches brings everything in it. `base` is the folder in front of the first name with a
 * wildcard. INVALID_INPUT for one that is too long or has too many wildcards.
 */
export function parsePattern(path: string): { base: string; selection: Selection } {
  const names = path.split('/');
  const first = names.findIndex((name) => MAGIC.test(name));
  if (path.length > MAX_LENGTH || names.some((name) => name.split('*').length > MAX_STARS + 1)) {
    throw new FlotillaError('INVALID_INPUT', `The pattern ${visible(path)} is too complex.`, {
      hint: `At most ${MAX_LENGTH} characters, and ${MAX_STARS} stars in one name.`,
    });
  }
  const base = names.slice(0, first).join('/');
  const glob = names
    .slice(first)
    .filter((name) => name !== '')
    .join('/');
  const depth = glob.includes('**') ? Number.POSITIVE_INFINITY : glob.split('/').length;
  const matcher = picomatch(glob, { noextglob: true, nonegate: true, maxLength: MAX_LENGTH });
  const selects = (relative: string): boolean => {
    const parts = relative.split('/');
    return parts.some((_, index) => matcher(parts.slice(0, index + 1).join('/')));
  };
  return {
    base: base === '' ? (path.startsWith('/') ? '/' : '.') : base,
    selection: { selects, enters: (relative) => relative.split('/').length < depth || selects(relative) },
  };
}

/** A latin1 byte path as the text that patterns see: bytes that are not UTF-8 become U+FFFD, which `?` and `*` match. */
export const shownPath = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');
