import { distance } from 'fastest-levenshtein';

/** The known name that is most like the wanted one, or undefined when nothing is known. */
export function nearest(wanted: string, known: readonly string[]): string | undefined {
  const typed = wanted.slice(0, 64).toLowerCase();
  const cost = (name: string): number =>
    distance(typed, name.toLowerCase()) +
    Math.abs(name.length - typed.length) / 100 -
    sameStart(typed, name) / 1000;
  return [...known].sort((a, b) => cost(a) - cost(b))[0];
}

/** Number of characters that two names begin with in common: typing errors are rarely in the first one. */
function sameStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]?.toLowerCase()) length++;
  return length;
}

const SHOWN = 20;

/** `a, b, c and 4 more`, for hints. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
