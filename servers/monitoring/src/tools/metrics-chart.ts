import { defineTool, FlotillaError, fenceRemote, HostTarget } from '@flotilla/core';
import { z } from 'zod';
import { chartOfSeries } from '../lib/chart/chart-of-series.ts';
import { drawChart } from '../lib/chart/draw.ts';
import { CompactSeries } from '../lib/series/compact.ts';
import { metricsStore } from '../lib/series/metrics-store.ts';
import { matchersOf, readSeries, whyNothing } from '../lib/series/read-series.ts';
import { renderSeries } from '../lib/series/render-series.ts';
import { seriesArguments } from '../lib/series/series-arguments.ts';
import { Duration, niceStep, parseDuration, parseRange, rangeArguments } from '../lib/series/time-range.ts';

const MAX_SERIES = 12;
const POINTS = 180;
const MAX_POINTS = 600;
/** A gap shorter than this is no more than a line on the picture. */
const MIN_GAP_MS = 60_000;

export const metricsChart = defineTool({
  name: 'metrics_chart',
  title: 'Chart of metrics',
  description:
    'A line chart (PNG) of one or several series of the same unit over time, with the values behind it: for showing a person how something went, and for seeing patterns. ' +
    'Names and labels are those of metrics_query. ' +
    'Red areas are times in which a host did not answer.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    alias: HostTarget,
    names: z.array(z.string().min(1).max(100)).min(1).max(6).describe('Series of one unit, e.g. cpu_percent'),
    ...seriesArguments,
    ...rangeArguments,
    step: Duration.optional().describe('Width of a step, e.g. 5m; default: some 180 steps'),
    title: z.string().min(1).max(90).optional().describe('Headline; default: what and of whom'),
    theme: z.enum(['light', 'dark']).default('light').describe('Colours'),
  }),
  output: z.object({
    from: z.string(),
    to: z.string(),
    series: z.array(CompactSeries),
    leftOut: z.number().int(),
    gaps: z.array(z.object({ alias: z.string(), from: z.string(), until: z.string(), reason: z.string() })),
  }),
  run: async (context, input) => {
    const hosts = context.hosts.resolve(input.alias).map(({ alias }) => alias);
    const metrics = await context.use(metricsStore);
    const { from, to } = parseRange(input, Date.now());
    const stepMs = Math.max(
      (input.step && parseDuration(input.step)) || niceStep(from, to, POINTS),
      niceStep(from, to, MAX_POINTS),
    );
    const { names, aggregate, by, labels } = input;
    const matchers = matchersOf(labels);
    const found = await readSeries(metrics, { hosts, names, matchers, from, to, stepMs, aggregate, by });
    if (found.length === 0) {
      throw new FlotillaError('NOT_FOUND', 'There is nothing to draw.', {
        hint: await whyNothing(context, hosts, names),
      });
    }
    const units = [...new Set(found.map(({ unit }) => unit))];
    if (units.length > 1) {
      throw new FlotillaError('INVALID_INPUT', `One chart has one unit; these are in ${units.join(', ')}.`, {
        hint: 'Ask for one chart per unit.',
      });
    }
    const series = found.sort((a, b) => b.max - a.max).slice(0, MAX_SERIES);
    const gaps = (await metrics.gaps({ hosts, from, to }))
      .filter((gap) => gap.until - gap.from >= MIN_GAP_MS)
      .slice(0, 50)
      .map((gap) => ({
        alias: gap.host,
        from: new Date(gap.from).toISOString(),
        until: new Date(gap.until).toISOString(),
        reason: gap.reason,
      }));
    const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    return { ...range, series, leftOut: found.length - series.length, gaps };
  },
  text: ({ series, leftOut, gaps }) =>
    [
      fenceRemote(renderSeries(series), 'metrics'),
      leftOut > 0 ? `${leftOut} more series with smaller values are not drawn` : '',
      ...gaps.map(({ alias, from, until, reason }) => `${alias}: no answer ${from} to ${until} (${reason})`),
    ]
      .filter((line) => line !== '')
      .join('\n'),
  images: async ({ series, gaps, ...range }, { title, theme }) => {
    const times = gaps.map(({ from, until }) => ({ from: Date.parse(from), until: Date.parse(until) }));
    const frame = { from: Date.parse(range.from), to: Date.parse(range.to), title, gaps: times };
    const data = await drawChart(chartOfSeries(series, frame), { width: 1000, height: 460 }, theme);
    return [{ mimeType: 'image/png', data }];
  },
});
