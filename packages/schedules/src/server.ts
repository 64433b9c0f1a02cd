import { defineServer } from '@flotilla/core';
import { firer } from './fire/firer.ts';
import { schedulesSchema } from './schema.ts';
import { scheduleAdd } from './tools/schedule-add.ts';
import { scheduleList } from './tools/schedule-list.ts';
import { scheduleRemove } from './tools/schedule-remove.ts';
import { scheduleRun } from './tools/schedule-run.ts';

export const schedules = defineServer({
  name: 'schedules',
  title: 'Schedules',
  instructions:
    'Calls any tool at times to come, once per fire time however many hubs run, and across restarts. ' +
    'schedule_add makes, changes, pauses and resumes a schedule and answers with the next fire times; try it with schedule_run; ' +
    'schedule_list says what the last firings came to and whether anything fires at all: schedules fire only while a hub runs.',
  schema: schedulesSchema,
  background: [firer],
  tools: [scheduleAdd, scheduleList, scheduleRun, scheduleRemove],
});
