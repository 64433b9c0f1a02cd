import { FlotillaError } from '@flotilla/core';

/** Edit distance of two short words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(
        Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** At most three names that could have been meant. */
export function nearest(name: string, names: readonly string[]): string[] {
  const word = name.toLowerCase().replaceAll('-', '_');
  return names
    .map((candidate) => ({
      candidate,
      far: candidate.includes(word) ? 0 : distance(word, candidate.toLowerCase()),
    }))
    .filter(({ far }) => far <= Math.max(2, word.length / 3))
    .sort((a, b) => a.far - b.far)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

export function unknownTool(name: string, names: readonly string[]): FlotillaError {
  const near = nearest(name, names);
  return new FlotillaError('NOT_FOUND', `There is no tool ${JSON.stringify(name)}.`, {
    details: { nearest: near },
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'All tools: flotilla tools',
  });
}
