import { defineTool, FlotillaError, secret } from '@flotilla/core';
import { z } from 'zod';
import { book } from '../book.ts';
import { ScheduleName } from '../name.ts';
import { composeSchedule } from '../plan/compose.ts';
import { MISSED } from '../plan/due.ts';
import { OVERLAP } from '../plan/overlap.ts';
import { FirerView, firerText, firerView } from '../view/firer.ts';
import { detailText } from '../view/text.ts';
import { ScheduleView, viewOf } from '../view/view.ts';

const MAX_ARGS_BYTES = 65_536;

export const scheduleAdd = defineTool({
  name: 'schedule_add',
  title: 'Add or change a schedule',
  description:
    'Calls any tool at times to come: `cron` (five fields or @daily) in a time zone, `every` ("15m"), or once `at` an ISO time; the answer has the next five. ' +
    'The same name changes a schedule: what is not given stays, enabled false pauses it and true resumes it. ' +
    'The call is admitted at every firing as one of whoever added or last changed the schedule. ' +
    'Example: cron "30 3 * * *", zone "Europe/Paris", tool "task_exec", args {"alias": "group:web", "cmd": "apt-get update"}.',
  effect: {
    max: 'destroy',
    of: ({ dryRun, enabled }) => (dryRun ? 'read' : enabled === false ? 'write' : 'destroy'),
  },
  openWorld: false,
  input: z.object({
    name: ScheduleName,
    tool: z.string().min(1).max(64).optional().describe('Tool to call; a new schedule needs it'),
    args: secret(z.record(z.string(), z.unknown()))
      .optional()
      .describe('Its arguments, checked now and at every firing; replaced as a whole; kept encrypted'),
    cron: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'minute hour day-of-month month day-of-week, e.g. "*/15 8-18 * * MON-FRI", or @hourly, @daily, @weekly',
      ),
    every: z
      .string()
      .max(40)
      .optional()
      .describe('Time from one firing to the next, from 10s to 366d, e.g. "15m", "1h30m"; counted from now'),
    at: z
      .string()
      .max(40)
      .optional()
      .describe('Once, at this ISO 8601 time; without an offset it is local to zone'),
    zone: z
      .string()
      .max(64)
      .optional()
      .describe('IANA time zone, e.g. Europe/Paris; default that of the hub'),
    missed: z
      .enum(MISSED)
      .optional()
      .describe(
        'Fire times when no hub ran: skip them, run_once (default), or run_all (at most 20, one after another)',
      ),
    grace: z
      .string()
      .max(40)
      .optional()
      .describe('How late a missed one may still run, 1m to 31d, default "1d"'),
    overlap: z
      .enum(OVERLAP)
      .optional()
      .describe(
        'When the last one has not ended: skip (default), queue, replace (cancels it), or allow both',
      ),
    jitter: z
      .string()
      .max(40)
      .optional()
      .describe(
        'Starts up to so much later, always by the same amount for one schedule, e.g. "5m"; default none',
      ),
    enabled: z
      .boolean()
      .optional()
      .describe('false pauses, true resumes; what was missed while paused is not made up for'),
    notes: z.string().max(1000).optional().describe('What is worth knowing about it'),
    dryRun: z
      .boolean()
      .optional()
      .describe('Check everything and answer with the fire times, but change nothing'),
  }),
  output: z.object({
    schedule: ScheduleView,
    created: z.boolean(),
    stored: z.boolean(),
    firer: FirerView,
  }),
  run: async (context, { name, enabled, dryRun = false, ...wish }) => {
    const own = await context.use(book);
    const before = own.schedules.find(name);
    if (before && enabled === false && Object.values(wish).every((value) => value === undefined)) {
      if (!dryRun) await own.schedules.pause(before.id);
      return {
        schedule: viewOf(own.schedules.get(name), own.firings, Date.now()),
        ...{ created: false, stored: !dryRun, firer: firerView(own.firer) },
      };
    }
    if (Buffer.byteLength(JSON.stringify(wish.args ?? {})) > MAX_ARGS_BYTES)
      throw new FlotillaError('INVALID_INPUT', `args are larger than ${MAX_ARGS_BYTES} bytes.`);
    const { principal } = context;
    const composed = composeSchedule(wish, before && own.keeper.opened(before), {
      principal,
      now: Date.now(),
    });
    const schedule = await own.keeper.save({
      name,
      before,
      ...composed,
      enabled,
      dryRun,
      signal: context.signal,
    });
    return {
      schedule: viewOf(schedule, own.firings, Date.now()),
      ...{ created: !before, stored: !dryRun, firer: firerView(own.firer) },
    };
  },
  text: ({ schedule, created, stored, firer }) => {
    const done = stored ? (created ? 'Added. ' : 'Changed. ') : 'Nothing was stored. ';
    return `${done}${detailText(schedule)}\n${firerText(firer)}`;
  },
});
