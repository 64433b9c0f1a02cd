import type { RunState, StepView } from '@flotilla/core';
import type { Pipeline } from '../definition/schema.ts';

/** How a step of a pipeline under way stands, from the steps that the engine knows of its run. */
export interface StepLine {
  key: string;
  tool: string;
  state:
    | 'pending'
    | 'running'
    | 'waiting'
    | 'succeeded'
    | 'failed'
    | 'cancelled'
    | 'interrupted'
    | 'undoing'
    | 'undone';
  /** Items that ended, of those that were begun. */
  done: number;
  begun: number;
  attempt: number;
  /** UTC epoch milliseconds. */
  startedAt?: number;
  endedAt?: number;
  message?: string;
}

interface Part {
  index: number;
  /** `u`: of the undo. */
  undo: boolean;
  attempt: number;
  view: StepView;
}

export function stepLines(pipeline: Pick<Pipeline, 'steps'>, steps: readonly StepView[]): StepLine[] {
  return pipeline.steps.map(({ key, tool }) => {
    const own = steps.filter((one) => one.key.startsWith(`${key}.`));
    const parts = own.flatMap((view) => partOf(key, view) ?? []);
    const calls = latest(parts.filter(({ undo }) => !undo));
    const undos = latest(parts.filter(({ undo }) => undo));
    const asking = own.find((one) => one.key === `${key}.ask`);
    const shown = [...calls, ...undos].map(({ view }) => view);
    const failure = (shown.findLast((view) => view.failure) ?? asking)?.failure;
    const starts = own.flatMap(({ startedAt }) => startedAt ?? []);
    const ends = own.flatMap(({ endedAt }) => endedAt ?? []);
    const state = stateOf(calls, undos, asking);
    return {
      key,
      tool,
      state,
      done: calls.filter(({ view }) => view.endedAt !== undefined).length,
      begun: calls.length,
      attempt: Math.max(0, ...calls.map(({ attempt }) => attempt)),
      ...(starts.length > 0 && { startedAt: Math.min(...starts) }),
      ...(state !== 'running' && state !== 'waiting' && ends.length > 0 && { endedAt: Math.max(...ends) }),
      ...(failure && { message: `${failure.code}: ${failure.message}` }),
    };
  });
}

function partOf(key: string, view: StepView): Part | undefined {
  const [, index, undo, attempt] = /^\.(\d+)\.(u?)(\d+)$/.exec(view.key.slice(key.length)) ?? [];
  if (index === undefined) return undefined;
  return { index: Number(index), undo: undo === 'u', attempt: Number(attempt), view };
}

/** The last attempt of each item. */
function latest(parts: readonly Part[]): Part[] {
  const byIndex = new Map<number, Part>();
  for (const part of parts)
    if (part.attempt >= (byIndex.get(part.index)?.attempt ?? 0)) byIndex.set(part.index, part);
  return [...byIndex.values()];
}

const OPEN: readonly RunState[] = ['running', 'queued', 'scheduled'];

function stateOf(
  calls: readonly Part[],
  undos: readonly Part[],
  asking: StepView | undefined,
): StepLine['state'] {
  const states = calls.map(({ view }) => view.state);
  if (undos.some(({ view }) => view.endedAt === undefined)) return 'undoing';
  if (undos.length > 0) return undos.every(({ view }) => view.state === 'succeeded') ? 'undone' : 'failed';
  if (states.includes('interrupted')) return 'interrupted';
  if (states.includes('waiting') || asking?.state === 'waiting') return 'waiting';
  if (states.some((state) => OPEN.includes(state))) return 'running';
  if (states.includes('cancelled') || asking?.state === 'cancelled') return 'cancelled';
  if (states.some((state) => state === 'failed' || state === 'timed_out') || asking?.state === 'failed')
    return 'failed';
  return states.length > 0 ? 'succeeded' : 'pending';
}
