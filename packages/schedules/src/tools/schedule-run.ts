import { defineTool } from '@flotilla/core';
import { z } from 'zod';
import { book } from '../book.ts';
import { ScheduleName } from '../name.ts';
import { firingText, outputText } from '../view/text.ts';
import { FiringView, wholeFiringView } from '../view/view.ts';

export const scheduleRun = defineTool({
  name: 'schedule_run',
  title: 'Fire a schedule now',
  description:
    'Makes the call of a schedule now, as a call of yours and beside its fire times, e.g. to try it. ' +
    'A long call answers with the id of its run for task_wait; any other with its output. ' +
    'While the last firing has not ended it is CONFLICT, unless overlap is "allow".',
  effect: 'destroy',
  openWorld: false,
  input: z.object({ name: ScheduleName }),
  output: z.object({ name: z.string(), tool: z.string(), firing: FiringView }),
  isError: ({ firing }) => firing.state === 'failed',
  run: async (context, { name }) => {
    const { schedules, firings, calls, fireByHand, watch } = await context.use(book);
    const schedule = schedules.get(name);
    const { id } = await fireByHand(schedule, context.principal);
    await calls.make(firings.get(id), context.signal);
    const fired = firings.get(id);
    watch(fired);
    return { name, tool: schedule.definition.tool, firing: wholeFiringView(fired) };
  },
  text: ({ tool, firing }) => {
    const next = firing.runId === undefined ? [] : [`task_wait {"id":"${firing.runId}"}`];
    return [`${tool}: ${firingText(firing)}`, ...outputText(firing), ...next].join('\n');
  },
});
