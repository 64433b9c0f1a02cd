import {
  anyHostFailed,
  defineTool,
  fanOutArguments,
  fenceRemote,
  HostTarget,
  hostRowSchema,
  hostRows,
} from '@flotilla/core';
import { z } from 'zod';
import { MIN_WEEKS } from '../lib/anomaly/anomalies.ts';
import { anomaliesOfHost } from '../lib/anomaly/anomalies-of-host.ts';
import { failedText } from '../lib/host/failed.ts';
import { metricsStore } from '../lib/series/metrics-store.ts';
import { labelText } from '../lib/series/render-series.ts';
import { parseTime } from '../lib/series/time-range.ts';
import { formatValue, short, type Unit, unitOf } from '../lib/series/units.ts';

const PER_HOST = 20;

const Anomaly = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  unit: z.string(),
  from: z.string(),
  until: z.string(),
  value: z.number().describe('Mean of its worst hour'),
  usual: z.number().describe('Median of this hour of the week'),
  score: z.number().describe('Distance from usual in standard deviations'),
});

export const anomalyList = defineTool({
  name: 'anomaly_list',
  title: 'Anomalies',
  description:
    'What was unusual on hosts: hours in which CPU, memory, disk I/O, network, load, pressure, connections or containers were far from the same hour of the weeks before. ' +
    `It needs ${MIN_WEEKS} weeks of history and says so where there is less. ` +
    'An anomaly is a question, not a fault: metrics_chart shows it, log_search may explain it.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    alias: HostTarget,
    since: z.string().max(40).default('-24h').describe('ISO time or a time ago, e.g. -7d'),
    threshold: z
      .number()
      .min(2)
      .max(20)
      .default(3.5)
      .describe('Smallest distance that counts, in standard deviations'),
    ...fanOutArguments,
  }),
  output: z.object({
    rows: z.array(
      hostRowSchema({
        anomalies: z.array(Anomaly),
        leftOut: z.number().int(),
        weeks: z.number().describe('Of history'),
        note: z.string().optional(),
      }),
    ),
  }),
  isError: anyHostFailed,
  run: async (context, input) => {
    const metrics = await context.use(metricsStore);
    const now = Date.now();
    const since = parseTime(input.since, 'since', now);
    const rows = await hostRows(context, input, async (alias) => {
      const { found, weeks } = await anomaliesOfHost(metrics, alias, {
        since,
        now,
        threshold: input.threshold,
      });
      const shown = found.slice(0, PER_HOST).map(({ from, until, value, usual, score, ...series }) => ({
        ...series,
        unit: unitOf(series.name),
        from: new Date(from).toISOString(),
        until: new Date(until + 3_600_000).toISOString(),
        value: short(value),
        usual: short(usual),
        score: Math.round(score * 10) / 10,
      }));
      return {
        anomalies: shown,
        leftOut: found.length - shown.length,
        weeks: Math.round(weeks * 10) / 10,
        ...(weeks < MIN_WEEKS && {
          note: `not enough data: ${(weeks * 7).toFixed(1)} days of history before that time, ${MIN_WEEKS * 7} are needed`,
        }),
      };
    });
    return { rows };
  },
  text: ({ rows }) => {
    const worst = (row: (typeof rows)[number]): number => Math.abs(row.anomalies?.[0]?.score ?? 0);
    return [...rows]
      .sort((a, b) => worst(b) - worst(a))
      .map((row) => {
        if (row.state !== 'ok') return failedText(row);
        if (row.note) return `${row.alias}: ${row.note}`;
        const found = row.anomalies ?? [];
        if (found.length === 0) return `${row.alias}: nothing unusual`;
        const lines = found.map((one) => {
          const value = (number: number): string => formatValue(number, one.unit as Unit);
          return `${one.name}${labelText(one.labels)} ${value(one.value)}, usually ${value(one.usual)} (${one.score > 0 ? '+' : ''}${one.score}), ${one.from} to ${one.until}`;
        });
        const more = row.leftOut ? `\n${row.leftOut} more` : '';
        return `${row.alias}: ${found.length} unusual\n${fenceRemote(lines.join('\n'), row.alias)}${more}`;
      })
      .join('\n');
  },
});
