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
import { advise, urgencyOf, VERDICTS } from '../lib/advice/advise.ts';
import { containerHistories } from '../lib/advice/container-history.ts';
import { failedText } from '../lib/host/failed.ts';
import { metricsStore } from '../lib/series/metrics-store.ts';

const MAX_CONTAINERS = 100;

const Use = z.object({ p50: z.number(), p95: z.number(), max: z.number(), limit: z.number().optional() });

const ContainerAdvice = z.object({
  name: z.string(),
  project: z.string().optional(),
  service: z.string().optional(),
  verdict: z.enum(VERDICTS),
  why: z.string(),
  hours: z.number().int().describe('Of history'),
  cpu: Use.extend({ throttledPercent: z.number().optional() }).describe('Cores'),
  memory: Use.describe('Bytes'),
  oomKills: z.number().int(),
  advised: z
    .object({
      cpuRequest: z.number(),
      cpuLimit: z.number(),
      memoryRequestBytes: z.number(),
      memoryLimitBytes: z.number(),
    })
    .optional(),
});

export const containerAdvice = defineTool({
  name: 'container_advice',
  title: 'Container limits',
  description:
    'Which CPU and memory requests and limits the running containers should have, by what they used: no limit, too tight, throttled, killed for memory, far too large, or fitting. ' +
    'It needs a day of history. ' +
    'It changes nothing: compose_edit or docker_update do.',
  effect: 'read',
  openWorld: false,
  input: z.object({
    alias: HostTarget,
    days: z.number().int().min(1).max(60).default(7).describe('How far back to look'),
    project: z.string().min(1).max(200).optional().describe('Only this compose project'),
    ...fanOutArguments,
  }),
  output: z.object({
    rows: z.array(
      hostRowSchema({
        containers: z.array(ContainerAdvice),
        leftOut: z.number().int(),
        note: z.string().optional(),
      }),
    ),
  }),
  isError: anyHostFailed,
  run: async (context, input) => {
    const metrics = await context.use(metricsStore);
    const now = Date.now();
    const rows = await hostRows(context, input, async (alias) => {
      const histories = await containerHistories(metrics, alias, {
        from: now - input.days * 86_400_000,
        now,
      });
      const containers = histories
        .filter(({ project }) => input.project === undefined || project === input.project)
        .flatMap(({ name, project, service, ...history }) => {
          const advice = advise(history);
          return advice ? [{ name, project, service, ...advice }] : [];
        })
        .sort((a, b) => urgencyOf(a) - urgencyOf(b) || b.memory.max - a.memory.max);
      return {
        containers: containers.slice(0, MAX_CONTAINERS),
        leftOut: Math.max(0, containers.length - MAX_CONTAINERS),
        ...(containers.length === 0 && { note: 'no container was seen by the sampler within two hours' }),
      };
    });
    return { rows };
  },
  text: ({ rows }) =>
    rows
      .map((row) => {
        if (row.state !== 'ok') return failedText(row);
        if (row.note) return `${row.alias}: ${row.note}`;
        const lines = (row.containers ?? []).map((one) => {
          const limit =
            one.memory.limit === undefined ? 'no limit' : `limit ${formatBytes(one.memory.limit)}`;
          const cores = (value: number): string => value.toFixed(2);
          const advised = one.advised
            ? ` → cpu ${cores(one.advised.cpuRequest)}/${cores(one.advised.cpuLimit)}, memory ${formatBytes(one.advised.memoryRequestBytes)}/${formatBytes(one.advised.memoryLimitBytes)} (request/limit)`
            : '';
          return `${one.name}: ${one.verdict} (${one.why}); cpu p95 ${cores(one.cpu.p95)} max ${cores(one.cpu.max)} cores, memory p95 ${formatBytes(Math.round(one.memory.p95))} max ${formatBytes(Math.round(one.memory.max))} ${limit}${advised}`;
        });
        return `${row.alias}:\n${fenceRemote(lines.join('\n'), `containers of ${row.alias}`)}${row.leftOut ? `\n${row.leftOut} more` : ''}`;
      })
      .join('\n'),
});
