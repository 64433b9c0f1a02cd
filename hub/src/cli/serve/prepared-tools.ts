import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PublishedTool, preparePublished } from '@flotilla/core';
import type { FlotillaConfig } from '@flotilla/core/config';
import type { World } from '../world.ts';

/**
 * Takes the list that was made with the bundle, of all built-in servers and the default of every setting that shows
 * in it. Run from source, or with another setting, there is none: each tool's form is made when it is listed.
 */
export function usePreparedTools(
  { launch }: Pick<World, 'launch'>,
  { compact }: Pick<FlotillaConfig, 'compact'>,
): readonly PublishedTool[] | undefined {
  if (!compact) return undefined;
  let text: string;
  try {
    text = readFileSync(join(dirname(launch.entry), 'tools.json'), 'utf8');
  } catch {
    return undefined;
  }
  const tools = JSON.parse(text) as PublishedTool[];
  preparePublished(tools);
  return tools;
}
