import { isFlotillaError, type StepContext } from '@flotilla/core';
import { z } from 'zod';
import type { Engine } from '../engine/index.ts';
import type { PruneItem } from './prune-plan.ts';

export const NotRemoved = z.object({ name: z.string(), code: z.string(), remote: z.string().optional() });

export interface Removed {
  removed: number;
  bytes: number;
  failed: z.infer<typeof NotRemoved>[];
}

const FATAL: ReadonlySet<string> = new Set(['CONNECTION_FAILED', 'CANCELLED', 'AUTH_FAILED']);

/** Item by item and never by force: what is in use by now stays. What is gone already counts as removed. */
export async function removeItems(
  engine: Engine,
  items: readonly PruneItem[],
  { signal, progress }: Pick<StepContext, 'signal' | 'progress'>,
): Promise<Removed> {
  const result: Removed = { removed: 0, bytes: 0, failed: [] };
  for (const [at, item] of items.entries()) {
    try {
      await remove(engine, item, signal);
      result.removed++;
      result.bytes += item.bytes;
    } catch (error) {
      if (!isFlotillaError(error) || FATAL.has(error.code)) throw error;
      const { remote } = error.details;
      result.failed.push({
        name: item.name,
        code: error.code,
        ...(typeof remote === 'string' && { remote }),
      });
    }
    progress({ progress: at + 1, total: items.length, message: `${item.kind} ${item.name}` });
  }
  return result;
}

async function remove(engine: Engine, { kind, target }: PruneItem, signal: AbortSignal): Promise<void> {
  const id = encodeURIComponent(target);
  try {
    switch (kind) {
      case 'container':
        await engine.send(`/containers/${id}`, {
          method: 'DELETE',
          query: { v: false, force: false },
          signal,
        });
        return;
      case 'image':
        await engine.send(`/images/${id}`, {
          method: 'DELETE',
          query: { force: false, noprune: true },
          signal,
        });
        return;
      case 'network':
        await engine.send(`/networks/${id}`, { method: 'DELETE', signal });
        return;
      case 'volume':
        await engine.send(`/volumes/${id}`, { method: 'DELETE', signal });
        return;
      case 'cache':
        await engine.send('/build/prune', {
          method: 'POST',
          query: { all: true, filters: { id: [target] } },
          signal,
        });
    }
  } catch (error) {
    if (!isFlotillaError(error) || error.code !== 'NOT_FOUND') throw error;
  }
}
