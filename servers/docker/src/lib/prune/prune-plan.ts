import { createHash } from 'node:crypto';
import { FlotillaError } from '@flotilla/core';
import { z } from 'zod';
import { cacheItems } from './cache-items.ts';
import { containerItems } from './container-items.ts';
import type { PruneFacts } from './facts.ts';
import { imageItems } from './image-items.ts';
import { networkItems } from './network-items.ts';
import { volumeItems } from './volume-items.ts';

export const KINDS = ['container', 'image', 'network', 'cache', 'volume'] as const;

export const PruneItem = z.object({
  kind: z.enum(KINDS),
  /** What the engine is told to remove: an id, or one tag of an image. */
  target: z.string(),
  name: z.string(),
  bytes: z.number(),
  reason: z.string(),
});
export type PruneItem = z.infer<typeof PruneItem>;

export const Protected = z.object({ kind: z.enum(KINDS), name: z.string(), reason: z.string() });
export type Protected = z.infer<typeof Protected>;

export interface PruneOptions {
  kinds: readonly ('container' | 'image' | 'network' | 'cache')[];
  unusedImages: boolean;
  /** Only what ended, was made or was last used before this time (epoch ms). */
  before: number;
  /** Newest rollback images to keep for each container; undefined: all. */
  keepRollback?: number | undefined;
  volumes: readonly string[];
}

export interface PrunePlan {
  items: PruneItem[];
  kept: Protected[];
  /** Stands for exactly these items. */
  token: string;
}

/** What a part of the plan found. */
export interface Found {
  items: PruneItem[];
  kept: Protected[];
}

const PARTS = { container: containerItems, image: imageItems, network: networkItems, cache: cacheItems };

/** Exactly what would be removed, in the order in which it would, and what is left alone for which reason. */
export function prunePlan(facts: PruneFacts, options: PruneOptions): PrunePlan {
  const parts = KINDS.filter((kind) => kind !== 'volume').filter((kind) => options.kinds.includes(kind));
  const found = [...parts.map((kind) => PARTS[kind](facts, options)), volumeItems(facts, options)];
  const items = found.flatMap((part) => part.items);
  return { items, kept: found.flatMap((part) => part.kept), token: tokenOf(items) };
}

function tokenOf(items: readonly PruneItem[]): string {
  const lines = items.map(({ kind, target }) => `${kind} ${target}`).sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32);
}

/** CONFLICT when the plan that was shown is no longer the plan. */
export function requireSame(plan: PrunePlan, token: string, alias: string): void {
  if (plan.token === token) return;
  throw new FlotillaError('CONFLICT', 'What is there has changed since the plan; nothing was removed.', {
    details: { alias, items: plan.items.length, token: plan.token },
    hint: 'Look at the new plan with dryRun and the same arguments, then call with its token.',
  });
}
