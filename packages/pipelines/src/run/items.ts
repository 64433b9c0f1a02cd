import { FlotillaError } from '@flotilla/core';
import { LIMITS } from '../definition/limits.ts';
import type { Step } from '../definition/schema.ts';
import { renderValue, valuesIn } from '../expression/render.ts';
import { batchesOf, mayBegin } from './batches.ts';
import type { ItemResult } from './results.ts';
import { type Item, runItem } from './run-item.ts';
import type { Running } from './running.ts';
import { openScope } from './scope.ts';

/** What a step is done for: recorded once, so that a group that changes meanwhile does not change the run. */
export async function itemsOf(on: Running, step: Step): Promise<Item[]> {
  const { forEach } = step;
  if (!forEach) return [{ index: 0 }];
  const items = await on.job.step.repeatable(`${step.key}.each`, async () => {
    const source = 'hosts' in forEach ? forEach.hosts : forEach.items;
    const value = renderValue(source, valuesIn(openScope(on)));
    if ('hosts' in forEach) {
      const words = [value].flat().flat();
      if (!words.every((word) => typeof word === 'string'))
        throw new FlotillaError('INVALID_INPUT', 'forEach.hosts gives something else than names of hosts.');
      return on.host.hosts.resolve(words as string[]).map(({ alias }) => alias);
    }
    if (!Array.isArray(value)) throw new FlotillaError('INVALID_INPUT', 'forEach.items gives no list.');
    return value as unknown[];
  });
  if (items.length > LIMITS.items)
    throw new FlotillaError('INVALID_INPUT', `forEach has ${items.length} items, more than ${LIMITS.items}.`);
  return items.map((one, index) =>
    'hosts' in forEach ? { index, alias: one as string } : { index, value: one },
  );
}

/** Runs the items as the rules of forEach say; items of batches that never began are `not_started`. */
export async function runItems(on: Running, step: Step, items: readonly Item[]): Promise<ItemResult[]> {
  const { forEach } = step;
  if (!forEach) return Promise.all(items.map((item) => runItem(on, step, item, 1)));
  const results: ItemResult[] = [];
  let stopped = false;
  for (const [number, batch] of batchesOf(items, forEach).entries()) {
    const failures = results.filter(({ state }) => state !== 'succeeded').length;
    stopped ||= !mayBegin(number, failures, forEach);
    if (stopped) {
      const skipped = { state: 'not_started', attempts: 0, endedAt: Date.now() } as const;
      results.push(...batch.map((item): ItemResult => ({ ...item, ...skipped })));
      continue;
    }
    results.push(
      ...(await pooled(batch, forEach.maxParallel, (item) => runItem(on, step, item, items.length))),
    );
  }
  return results;
}

/** `limit` at a time, results in the order of the items. */
async function pooled<T, R>(items: readonly T[], limit: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return results;
}
