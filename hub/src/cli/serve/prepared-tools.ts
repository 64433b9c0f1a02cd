import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PublishedTool, preparePublished } from '@flotilla/core';
import type { World } from '../world.ts';

/** Takes the list that was made with the bundle. Run from source there is none: each tool's form is made when it is listed. */
export function usePreparedTools({ launch }: Pick<World, 'launch'>): void {
  let text: string;
  try {
    text = readFileSync(join(dirname(launch.entry), 'tools.json'), 'utf8');
  } catch {
    return;
  }
  preparePublished(JSON.parse(text) as PublishedTool[]);
}
