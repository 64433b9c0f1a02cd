import { isOpen, OPEN_STATES, RUN_STATES, type RunState } from '@flotilla/core';
import { z } from 'zod';

/** Words of the earlier orchestrator. */
const EARLIER = { pending: 'queued', completed: 'succeeded', crashed: 'interrupted' } as const;

const Word = z.enum([...RUN_STATES, 'pending', 'completed', 'crashed']);

export const StateFilter = z
  .union([Word, z.array(Word).min(1).max(20)])
  .describe('One state or several; pending = queued, completed = succeeded, crashed = interrupted');

/** The states a filter means; undefined when there is no filter. */
export function statesOf(filter: z.output<typeof StateFilter> | undefined): RunState[] | undefined {
  if (filter === undefined) return undefined;
  const words = typeof filter === 'string' ? [filter] : filter;
  return [
    ...new Set(
      words.map((word) => (word in EARLIER ? EARLIER[word as keyof typeof EARLIER] : (word as RunState))),
    ),
  ];
}

/** Split into states of open and of ended runs. */
export function splitStates(states: readonly RunState[] = OPEN_STATES): {
  open: RunState[];
  ended: RunState[];
} {
  return { open: states.filter((state) => isOpen(state)), ended: states.filter((state) => !isOpen(state)) };
}
