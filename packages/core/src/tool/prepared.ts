import type { PublishedTool } from './answer.ts';

const prepared = new Map<string, PublishedTool>();

/**
 * Takes the published forms of our own tools as they were made when the program was built: making them from their schemas is
 * a tenth of a start. They have to come from the same sources as the tools.
 */
export function preparePublished(tools: readonly PublishedTool[]): void {
  for (const tool of tools) prepared.set(tool.name, tool);
}

export const preparedTool = (name: string): PublishedTool | undefined => prepared.get(name);
