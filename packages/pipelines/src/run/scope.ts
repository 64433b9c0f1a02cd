import type { Scope } from '../expression/language.ts';
import type { ItemResult, StepResult } from './results.ts';
import type { Running } from './running.ts';

/** What expressions see of a step that ended. */
export function stepScope({ state, items, failure }: StepResult, forEach: boolean): Record<string, unknown> {
  const [only] = items;
  const shown = failure ?? only?.failure;
  return {
    state,
    ...(shown && { failure: { code: shown.code, message: shown.message } }),
    ...(!forEach && only?.output && { output: only.output, truncated: only.truncated ?? false }),
    ...(forEach && { items: items.map(itemScope) }),
  };
}

const itemScope = ({ alias, value, index, state, output, failure }: ItemResult) => ({
  index,
  state,
  ...(alias !== undefined && { alias }),
  ...(value !== undefined && { value }),
  ...(output && { output }),
  ...(failure && { failure: { code: failure.code, message: failure.message } }),
});

/** Everything outside of calls: no secrets. */
export function openScope(on: Running): Scope {
  const steps = on.pipeline.steps.flatMap(({ key, forEach }) => {
    const result = on.results.get(key);
    return result ? [[key, stepScope(result, forEach !== undefined)] as const] : [];
  });
  return {
    inputs: on.inputs,
    steps: Object.fromEntries(steps),
    run: { id: on.job.runId, pipeline: on.pipeline.name },
  };
}

/** The arguments of one item's call. */
export const callScope = (on: Running, item: Pick<ItemResult, 'index' | 'alias' | 'value'>): Scope => ({
  ...openScope(on),
  secrets: on.secrets,
  each: {
    index: item.index,
    ...(item.alias !== undefined && { alias: item.alias }),
    ...(item.value !== undefined && { value: item.value }),
  },
});
