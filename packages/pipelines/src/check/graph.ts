import type { Problem } from '../definition/problem.ts';
import type { Step } from '../definition/schema.ts';

export interface Graph {
  /** Keys by level: a step comes after all that it needs. */
  levels: string[][];
  /** All that must end before a step, by its key. */
  before: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The order of the steps; problems for keys used twice, unknown needs and circles. */
export function graphOf(steps: readonly Step[]): { graph: Graph; problems: Problem[] } {
  const problems: Problem[] = [];
  const byKey = new Map<string, Step>();
  for (const step of steps) {
    if (byKey.has(step.key)) problems.push({ path: `steps.${step.key}`, message: 'the key is used twice' });
    else byKey.set(step.key, step);
  }
  const needs = new Map<string, string[]>();
  for (const step of byKey.values()) {
    const known = [...new Set(step.needs)].filter((key) => byKey.has(key));
    needs.set(step.key, known);
    for (const key of step.needs)
      if (!byKey.has(key))
        problems.push({
          path: `steps.${step.key}.needs`,
          message: `there is no step ${JSON.stringify(key)}`,
        });
  }
  const levels: string[][] = [];
  const before = new Map<string, Set<string>>();
  let left = [...byKey.keys()];
  while (left.length > 0) {
    const level = left.filter((key) => needs.get(key)?.every((need) => before.has(need)));
    if (level.length === 0) {
      for (const key of circle(left, needs)) {
        const message = `the steps need each other: ${circle(left, needs).join(' → ')}`;
        problems.push({ path: `steps.${key}.needs`, message });
      }
      break;
    }
    for (const key of level) {
      const all = new Set<string>();
      for (const need of needs.get(key) ?? []) {
        all.add(need);
        for (const earlier of before.get(need) ?? []) all.add(earlier);
      }
      before.set(key, all);
    }
    levels.push(level);
    const placed = new Set(level);
    left = left.filter((key) => !placed.has(key));
  }
  return { graph: { levels, before }, problems };
}

/** One circle among steps of which each needs another one of them. */
function circle(keys: readonly string[], needs: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Set(keys);
  const path: string[] = [];
  let at = keys[0] as string;
  while (!path.includes(at)) {
    path.push(at);
    at = needs.get(at)?.find((need) => left.has(need)) as string;
  }
  return path.slice(path.indexOf(at));
}
