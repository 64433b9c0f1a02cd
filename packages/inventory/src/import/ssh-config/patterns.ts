/** Whether a name fits one pattern of ssh_config(5): `*` any characters, `?` one. */
export function matchesPattern(name: string, pattern: string): boolean {
  const expression = [...pattern]
    .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char.replace(/[\\^$.|+()[\]{}]/, '\\$&')))
    .join('');
  return new RegExp(`^${expression}$`, 's').test(name);
}

/** The list of a `Host` line: one pattern fits and no negated one does. */
export function matchesHostLine(name: string, patterns: readonly string[]): boolean {
  const fits = (pattern: string): boolean => matchesPattern(name, pattern);
  const negated = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  return !negated.some(fits) && patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}

/** A comma-separated list, as `Match` criteria take it. */
export const matchesList = (name: string, list: string): boolean => matchesHostLine(name, list.split(','));

/** Names that a `Host` line spells out. */
export const literalNames = (patterns: readonly string[]): string[] =>
  patterns.filter((pattern) => !/[*?!]/.test(pattern));
