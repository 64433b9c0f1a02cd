/** A matcher for names: `*` stands for any characters, `?` for one; case does not matter. */
export function globMatcher(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.')}$`,
        'is',
      ),
  );
  return (name) => expressions.some((expression) => expression.test(name));
}
