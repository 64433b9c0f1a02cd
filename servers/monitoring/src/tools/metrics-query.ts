import { defineTool, fenceRemote, HostTarget } from '@flotilla/core';
import { z } from 'zod';
import { CompactSeries } from '../lib/series/compact.ts';
import { metricsStore } from '../lib/series/metrics-store.ts';
import { gapText, matchersOf, readSeries, whyNothing } from '../lib/series/read-series.ts';
import { renderSeries } from '../lib/series/render-series.ts';
import { seriesArguments } from '../lib/series/series-arguments.ts';
import { Duration, niceStep, parseDuration, parseRange, rangeArguments } from '../lib/series/time-range.ts';

const MAX_SERIES = 200;
const MAX_VALUES = 20_000;

export const metricsQuery = defineTool({
  name: 'metrics_query',
  title: 'Query metrics',
  description:
    'History of hosts and containers as numbers: CPU, memory, disks, network, pressure, connections, in the names of node_exporter and cAdvisor; counters (_total) come as rates per second. ' +
    'Without names it lists the series there are. ' +
    'Use metrics_chart for a picture. Example: names ["container_memory_working_set_bytes"], by "project" adds up each compose project.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    alias: HostTarget,
    names: z
      .array(z.string().min(1).max(100))
      .max(20)
      .default([])
      .describe('Series, e.g. cpu_percent, disk_percent'),
    ...seriesArguments,
    ...rangeArguments,
    step: Duration.optional().describe('Width of a step, e.g. 5m; default: some 60 steps'),
  }),
  output: z.object({
    series: z.array(CompactSeries),
    leftOut: z.number().int(),
    names: z
      .array(z.object({ name: z.string(), series: z.number().int(), labels: z.array(z.string()) }))
      .optional(),
    gaps: z.array(z.string()),
    note: z.string().optional(),
  }),
  run: async (context, input) => {
    const hosts = context.hosts.resolve(input.alias).map(({ alias }) => alias);
    const metrics = await context.use(metricsStore);
    const { from, to } = parseRange(input, Date.now());
    if (input.names.length === 0) {
      const known = Map.groupBy(await metrics.series(hosts), ({ name }) => name);
      const names = [...known].map(([name, found]) => ({
        name,
        series: found.length,
        labels: [...new Set(found.flatMap(({ labels }) => Object.keys(labels)))],
      }));
      const note = names.length === 0 ? await whyNothing(context, hosts, []) : undefined;
      return { series: [], leftOut: 0, names, gaps: [], ...(note && { note }) };
    }
    const stepMs = (input.step && parseDuration(input.step)) || niceStep(from, to, 60);
    const found = await readSeries(metrics, {
      hosts,
      names: input.names,
      matchers: matchersOf(input.labels),
      from,
      to,
      stepMs,
      aggregate: input.aggregate,
      by: input.by,
    });
    const perSeries = Math.max(1, ...found.map(({ values }) => values.length));
    const series = found.slice(0, Math.max(1, Math.min(MAX_SERIES, Math.floor(MAX_VALUES / perSeries))));
    const gaps = (await metrics.gaps({ hosts, from, to })).slice(0, 20).map(gapText);
    const note = found.length === 0 ? await whyNothing(context, hosts, input.names) : undefined;
    return { series, leftOut: found.length - series.length, gaps, ...(note && { note }) };
  },
  text: ({ series, leftOut, names, gaps, note }) =>
    [
      note ?? '',
      ...(names ?? []).map(
        ({ name, series: count, labels }) =>
          `${name}: ${count} series${labels.length > 0 ? ` by ${labels.join(', ')}` : ''}`,
      ),
      series.length === 0 ? '' : fenceRemote(renderSeries(series), 'metrics'),
      leftOut > 0 ? `${leftOut} more series: narrow it with labels, by or fewer names` : '',
      ...gaps,
    ]
      .filter((line) => line !== '')
      .join('\n'),
});
