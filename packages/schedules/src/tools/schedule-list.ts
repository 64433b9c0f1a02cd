import { capList, defineTool } from '@flotilla/core';
import { z } from 'zod';
import { book } from '../book.ts';
import { ScheduleName } from '../name.ts';
import { FirerView, firerText, firerView } from '../view/firer.ts';
import { detailText, firingText, outputText, scheduleText } from '../view/text.ts';
import { FiringView, firingView, ScheduleView, viewOf, wholeFiringView } from '../view/view.ts';

const MAX_LISTED = 200;

export const scheduleList = defineTool({
  name: 'schedule_list',
  title: 'List schedules',
  description:
    'The schedules with what they call, their next fire times and what the last firing came to, and whether a process fires them at all. ' +
    'With name: one schedule with its rules and its last firings, skipped ones with the reason. ' +
    'A firing that became a run has its id for task_status and task_output.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    name: ScheduleName.optional(),
    limit: z.number().int().min(1).max(200).default(20).describe('With name: most firings, the newest first'),
  }),
  output: z.object({
    schedules: z.array(ScheduleView),
    leftOut: z.number().optional(),
    firings: z.array(FiringView).optional(),
    firer: FirerView,
  }),
  run: async (context, { name, limit }) => {
    const { schedules, firings, firer, keeper } = await context.use(book);
    const now = Date.now();
    if (name !== undefined) {
      const schedule = schedules.get(name);
      return {
        schedules: [viewOf(schedule, firings, now)],
        firings: firings
          .of(schedule.id, limit)
          .map(keeper.mayRead(schedule, context.principal) ? wholeFiringView : firingView),
        firer: firerView(firer),
      };
    }
    const { items, leftOut } = capList(schedules.list(), MAX_LISTED);
    return {
      schedules: items.map((schedule) => viewOf(schedule, firings, now)),
      ...(leftOut > 0 && { leftOut }),
      firer: firerView(firer),
    };
  },
  text: ({ schedules, leftOut, firings, firer }) => {
    if (schedules.length === 0) return 'There is no schedule; schedule_add makes one.';
    const [first] = schedules;
    if (firings && first) {
      const history = firings.length === 0 ? ['not fired yet'] : firings.map(firingText);
      const output = firings[0] ? outputText(firings[0]) : [];
      return [detailText(first), 'firings:', ...history, ...output, firerText(firer)].join('\n');
    }
    const more = leftOut === undefined ? [] : [`and ${leftOut} more; name shows one`];
    return [firerText(firer), ...schedules.map(scheduleText), ...more].join('\n');
  },
});
