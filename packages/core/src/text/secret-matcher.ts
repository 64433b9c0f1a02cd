export const MASK = '[secret]';

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

/** Finds any of a fixed set of texts, the longest first. */
export interface SecretMatcher {
  mask(text: string): string;
  /** Start of the end of `text` that could be the beginning of a secret; its length when nothing could. */
  undecidedFrom(text: string): number;
}

export function createMatcher(forms: readonly string[]): SecretMatcher {
  if (forms.length === 0) return { mask: (text) => text, undecidedFrom: (text) => text.length };
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(literal).join('|'), 'g');
  const longest = longestFirst[0]?.length ?? 0;
  const byFirst = Map.groupBy(longestFirst, (form) => form.charAt(0));

  const couldBegin = (rest: string) =>
    (byFirst.get(rest.charAt(0)) ?? []).some((form) => form.length > rest.length && form.startsWith(rest));

  return {
    mask: (text) => text.replace(pattern, MASK),
    undecidedFrom(text) {
      let from = Math.max(0, text.length - longest + 1);
      while (from < text.length && !couldBegin(text.slice(from))) from++;
      if (from === text.length) return from;
      // A whole secret that reaches into the undecided end stays whole.
      for (const match of text.matchAll(pattern))
        if (match.index < from && match.index + match[0].length > from) return match.index;
      return from;
    },
  };
}
