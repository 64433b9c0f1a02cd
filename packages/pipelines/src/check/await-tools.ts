import { setTimeout as delay } from 'node:timers/promises';
import type { Pipeline } from '../definition/schema.ts';
import type { Surroundings } from './surroundings.ts';

/** Time for servers that are still connecting, before a tool counts as unknown. */
const CONNECTING_MS = 2_000;
const LOOK_MS = 100;

export const toolsOf = ({ steps }: Pipeline): string[] => [
  ...new Set(steps.flatMap(({ tool, undo }) => [tool, ...(undo ? [undo.tool] : [])])),
];

/** Resolves when all tools of a pipeline are there, or after a moment: a hub that has just started is still connecting. */
export async function awaitTools(pipeline: Pipeline, around: Pick<Surroundings, 'tool'>): Promise<void> {
  const names = toolsOf(pipeline);
  const deadline = performance.now() + CONNECTING_MS;
  const missing = (): boolean => names.some((name) => !around.tool(name));
  while (missing() && performance.now() < deadline) await delay(LOOK_MS);
}
