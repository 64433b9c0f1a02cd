import { defineTool, fenceRemote, HostTarget } from '@flotilla/core';
import { z } from 'zod';
import { renderReport } from '../lib/report/render-report.ts';
import { makeReport, Report } from '../lib/report/report.ts';
import { reportParts } from '../lib/report/service.ts';

export const reportGenerate = defineTool({
  name: 'report_generate',
  title: 'Report of a day or week',
  description:
    'What happened, what changed and what is at risk on hosts over the last day or seven days: alerts with causes, forecasts, failed checks and units, changes made through Flotilla, uptime, and who used most. ' +
    'It is made from what is known already and asks no host; the text is markdown for a person.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    alias: HostTarget.default('all'),
    period: z.enum(['daily', 'weekly']).default('daily').describe('The last 24 hours, or seven days'),
  }),
  output: Report,
  run: async (context, { alias, period }) => {
    const parts = await context.use(reportParts);
    const hosts = context.hosts.resolve(alias).map((one) => one.alias);
    return makeReport(parts, { period, hosts, now: Date.now() });
  },
  text: (report) => fenceRemote(renderReport(report), 'the report, with names that hosts gave'),
});
