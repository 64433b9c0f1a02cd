import type { PublishedTool } from '@flotilla/core';
import type { ProcessBase } from '@flotilla/runtime';
import type { Hub } from '../../hub.ts';
import { cliPrincipal } from '../principal.ts';
import { unknownTool } from './nearest.ts';

const MOUNTS_MS = 5_000;

/** A mounted server may still be connecting for the first time: only an unknown name waits for it. NOT_FOUND. */
export async function findTool({ endpoint }: Hub, base: ProcessBase, name: string): Promise<PublishedTool> {
  const principal = cliPrincipal(base);
  const known = (): PublishedTool | undefined =>
    endpoint.listTools(principal).find((one) => one.name === name);
  if (known() === undefined) await endpoint.settled(MOUNTS_MS);
  const tool = known();
  if (tool) return tool;
  throw unknownTool(
    name,
    endpoint.listTools(principal).map((one) => one.name),
  );
}
