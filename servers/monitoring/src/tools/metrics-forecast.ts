import {
  anyHostFailed,
  defineTool,
  fanOutArguments,
  fenceRemote,
  formatBytes,
  HostTarget,
  hostRowSchema,
  hostRows,
} from '@flotilla/core';
import { z } from 'zod';
import { causeLines, causeOf } from '../lib/forecast/cause.ts';
import { FORECAST_KINDS, forecastHost, urgency } from '../lib/forecast/forecast-host.ts';
import { forecastText } from '../lib/forecast/render-forecast.ts';
import { failedText } from '../lib/host/failed.ts';
import { metricsStore } from '../lib/series/metrics-store.ts';

const ResourceForecast = z.object({
  kind: z.enum(FORECAST_KINDS),
  mountpoint: z.string().optional(),
  state: z.enum(['full', 'acute', 'filling', 'stable', 'shrinking', 'unknown']),
  used: z.number(),
  capacity: z.number(),
  percent: z.number(),
  days: z.number().int().describe('Days with enough samples; a forecast needs 3'),
  perDay: z
    .object({ value: z.number(), low: z.number(), high: z.number() })
    .optional()
    .describe('Growth, 90 % interval'),
  fullIn: z
    .object({ days: z.number(), earliest: z.number(), latest: z.number().optional() })
    .optional()
    .describe('Days; without latest it may never be'),
  acuteHours: z.number().optional().describe('Hours until full at the speed of the last 15 minutes'),
  confidence: z.enum(['normal', 'low']).optional(),
});

const Cause = z.object({
  mountpoint: z.string(),
  directories: z.array(
    z.object({
      path: z.string(),
      bytes: z.number(),
      grownBytes: z.number().optional(),
      since: z.string().optional(),
    }),
  ),
  recentFiles: z.array(z.object({ path: z.string(), bytes: z.number() })),
  note: z.string().optional(),
});

export const metricsForecast = defineTool({
  name: 'metrics_forecast',
  title: 'Forecast',
  description:
    'When disks, inodes, memory and connections will be full, by the robust trend of up to 30 days (with a 90 % interval) and, apart from it, by the speed of the last 15 minutes. ' +
    'It says so when there are fewer than 3 days of data. ' +
    'cause: true looks on the host which directories are large or grew, which takes up to a minute.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    kinds: z
      .array(z.enum(FORECAST_KINDS))
      .min(1)
      .default([...FORECAST_KINDS])
      .describe('What to forecast; default all'),
    cause: z.boolean().default(false).describe('Look for the directories that fill the most urgent disk'),
    ...fanOutArguments,
  }),
  output: z.object({
    rows: z.array(
      hostRowSchema({
        forecasts: z.array(ResourceForecast),
        cause: Cause.optional(),
        note: z.string().optional(),
      }),
    ),
  }),
  isError: anyHostFailed,
  run: async (context, input) => {
    const metrics = await context.use(metricsStore);
    const now = Date.now();
    const rows = await hostRows(context, input, async (alias) => {
      const forecasts = await forecastHost(metrics, alias, [...new Set(input.kinds)], now);
      const disk = forecasts.find(({ kind }) => kind === 'disk')?.mountpoint ?? '/';
      const cause = input.cause
        ? await causeOf(context, metrics, { alias, mountpoint: disk, now })
        : undefined;
      return {
        forecasts,
        ...(cause && { cause }),
        ...(forecasts.length === 0 && {
          note: 'not enough data: it was not looked at within the last hours',
        }),
      };
    });
    return { rows };
  },
  text: ({ rows }) => {
    const order = (row: (typeof rows)[number]): number =>
      Math.min(5_000, ...(row.forecasts ?? []).map((one) => urgency(one)));
    return [...rows]
      .sort((a, b) => order(a) - order(b))
      .map((row) => {
        if (row.state !== 'ok') return failedText(row);
        const lines = [...(row.forecasts ?? []).map(forecastText), ...(row.note ? [row.note] : [])];
        const cause = row.cause
          ? `\n${fenceRemote(causeLines(row.cause, formatBytes).join('\n'), `${row.alias} ${row.cause.mountpoint}`)}`
          : '';
        return `${row.alias}:\n${lines.map((line) => `  ${line}`).join('\n')}${cause}`;
      })
      .join('\n');
  },
});
