import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { book } from '../book.ts';
import { ScheduleName } from '../name.ts';

export const scheduleRemove = defineTool({
  name: 'schedule_remove',
  title: 'Remove a schedule',
  description:
    'Forgets a schedule and the history of its firings. A run that it has started goes on: task_cancel ends it. ' +
    'To stop it for a while, schedule_add with enabled false.',
  effect: 'destroy',
  openWorld: false,
  input: z.object({ name: ScheduleName }),
  output: z.object({
    name: z.string(),
    removed: z.boolean(),
    /** Of its firings, still under way. */
    openRuns: z.array(z.string()),
  }),
  run: async (context, { name }) => {
    const { schedules, firings } = await context.use(book);
    const { id } = schedules.get(name);
    const openRuns = firings
      .open()
      .flatMap(({ schedule, runId }) => (schedule === id && runId !== undefined ? [runId] : []));
    await schedules.remove(id);
    return { name, removed: true, openRuns };
  },
  text: ({ name, openRuns }) =>
    `Removed the schedule ${name} and its history.${openRuns.length > 0 ? ` Still under way: ${openRuns.join(', ')}.` : ''}`,
});
