import { closest } from 'fastest-levenshtein';

/** The known name that is most like the wanted one, or undefined when nothing is known. */
export function nearest(wanted: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  return closest(wanted.slice(0, 64), known);
}

const SHOWN = 20;

/** `a, b, c and 4 more`, for hints. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
