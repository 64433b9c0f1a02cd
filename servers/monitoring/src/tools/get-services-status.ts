import {
  anyHostFailed,
  defineTool,
  fanOutArguments,
  HostTarget,
  hostRowSchema,
  hostRows,
} from '@flotilla/core';
import { z } from 'zod';
import { readServices } from '../lib/services/read-services.ts';
import { renderServices } from '../lib/services/render-services.ts';
import { bySeverity, isProblem, ServiceRow, TimerRow } from '../lib/services/rows.ts';

export const getServicesStatus = defineTool({
  name: 'get_services_status',
  title: 'Services',
  description:
    'Systemd services and timers, also those of users, containers and PM2 processes of one host or many, failed ones first with exit code, result and last log lines. ' +
    'By default it shows what failed, restarts or runs; all: true adds what is inactive. ' +
    'Use log_search for more lines of a unit.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    kinds: z
      .array(z.enum(['systemd', 'docker', 'pm2']))
      .min(1)
      .default(['systemd', 'docker', 'pm2'])
      .describe('What to look at; default all three'),
    text: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Only services whose name or description contains this'),
    all: z.boolean().default(false).describe('Also what is inactive'),
    limit: z
      .number()
      .int()
      .min(1)
      .max(1000)
      .default(60)
      .describe('Services per host at most, problems first'),
    ...fanOutArguments,
  }),
  output: z.object({
    rows: z.array(
      hostRowSchema({
        problems: z.number().int(),
        running: z.number().int(),
        services: z.array(ServiceRow),
        leftOut: z.number().int(),
        timers: z.array(TimerRow),
        notes: z.array(z.string()),
      }),
    ),
  }),
  isError: anyHostFailed,
  run: async (context, input) => ({
    rows: await hostRows(context, input, async (alias) => {
      const found = await readServices(context, alias, [...new Set(input.kinds)]);
      const wanted = found.services.filter(
        (row) =>
          (input.all || row.health !== 'inactive') &&
          (input.text === undefined || `${row.name} ${row.description ?? ''}`.includes(input.text)),
      );
      const timers = found.timers
        .filter(
          (timer) =>
            (input.all || timer.active || timer.failed) && (!input.text || timer.name.includes(input.text)),
        )
        .sort((a, b) => Number(b.failed) - Number(a.failed) || (a.next ?? '~').localeCompare(b.next ?? '~'));
      return {
        problems: wanted.filter(isProblem).length,
        running: wanted.filter(({ health }) => health === 'ok').length,
        services: wanted.sort(bySeverity).slice(0, input.limit),
        leftOut: Math.max(0, wanted.length - input.limit),
        timers: timers.slice(0, input.limit),
        notes: found.notes,
      };
    }),
  }),
  text: ({ rows }) => renderServices(rows, Date.now()),
});
