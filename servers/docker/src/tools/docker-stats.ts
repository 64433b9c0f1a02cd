import { formatBytes } from '@flotilla/core';
import { z } from 'zod';
import { listContainers, summaryName } from '../lib/containers/summary.ts';
import { defineEngineRead } from '../lib/engine-read.ts';
import { measure } from '../lib/stats/measure.ts';
import { Usage } from '../lib/stats/usage.ts';
import { table } from '../lib/text.ts';

export const dockerStats = defineEngineRead({
  name: 'docker_stats',
  title: 'What containers use',
  description:
    'CPU (over half a second, in percent of one core), memory against its limit, processes, network and disk bytes of the running containers of one host or many, the busiest first. ' +
    'For the host as a whole use get_system_resources.',
  input: {
    container: z.string().min(1).max(255).optional().describe('Only containers whose name contains this'),
    sort: z.enum(['cpu', 'memory']).default('cpu').describe('Order, the largest first'),
    limit: z.number().int().min(1).max(500).default(100).describe('Containers per host at most'),
  },
  row: { total: z.number().int(), containers: z.array(Usage) },
  look: async (engine, input, context) => {
    const { signal } = context;
    const running = (await listContainers(engine, { signal }))
      .filter(({ State }) => State === 'running')
      .filter((one) => input.container === undefined || summaryName(one).includes(input.container));
    const usage = await measure(context.hosts, engine, running, signal);
    const key = input.sort === 'cpu' ? 'cpuPercent' : 'memoryBytes';
    const sorted = usage.toSorted((a, b) => (b[key] ?? -1) - (a[key] ?? -1));
    return { total: sorted.length, containers: sorted.slice(0, input.limit) };
  },
  text: (row) => {
    const head = `${row.alias}: ${row.total} running containers`;
    if (row.containers.length === 0) return head;
    const bytes = (value: number | undefined): string => (value === undefined ? '?' : formatBytes(value));
    const lines = row.containers.map((one) => [
      one.name,
      one.cpuPercent === undefined ? '?' : `${one.cpuPercent} %`,
      bytes(one.memoryBytes),
      one.memoryLimit === undefined ? '-' : `${bytes(one.memoryLimit)} (${one.memoryPercent} %)`,
      String(one.processes ?? '?'),
      `${bytes(one.receivedBytes)} / ${bytes(one.sentBytes)}`,
      `${bytes(one.readBytes)} / ${bytes(one.writtenBytes)}`,
    ]);
    const columns = ['name', 'cpu', 'memory', 'limit', 'procs', 'net in/out', 'disk read/written'];
    return `${head}\n${table(row.alias, columns, lines)}`;
  },
});
