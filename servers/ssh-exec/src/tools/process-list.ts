import {
  defineTool,
  FlotillaError,
  fenceRemote,
  formatBytes,
  formatDuration,
  HostAlias,
  visibleControls,
} from '@flotilla/core';
import { z } from 'zod';
import { oneLine } from '../lib/one-line.ts';
import { listScript } from '../lib/process-scripts.ts';
import { type ProcessRow, parseProcesses, portsByPid, readSections } from '../lib/process-table.ts';

const Process = z.object({
  pid: z.number().int(),
  ppid: z.number().int(),
  user: z.string(),
  state: z.string(),
  cpuPercent: z.number(),
  memoryBytes: z.number(),
  elapsedSeconds: z.number(),
  startTime: z.number(),
  command: z.string(),
  ports: z.array(z.number().int()).optional(),
});

const BY: Record<'cpu' | 'memory' | 'age' | 'pid', (a: ProcessRow, b: ProcessRow) => number> = {
  cpu: (a, b) => b.cpuPercent - a.cpuPercent,
  memory: (a, b) => b.memoryBytes - a.memoryBytes,
  age: (a, b) => a.startTime - b.startTime,
  pid: (a, b) => a.pid - b.pid,
};

export const processList = defineTool({
  name: 'process_list',
  title: 'List processes',
  description:
    'Processes of a host by CPU, memory, age, text or port, with owner, command line and start time. ' +
    'CPU is the share of one core over the life of the process. ' +
    'Pass pid and startTime on to process_kill. Example: port 443 shows what listens there (all of it only as root: sudo true).',
  effect: 'read',
  input: z.object({
    alias: HostAlias,
    sort: z
      .enum(['cpu', 'memory', 'age', 'pid'])
      .default('cpu')
      .describe('Order, the largest or oldest first'),
    text: z.string().max(500).optional().describe('Only processes whose command line or user contains this'),
    port: z.number().int().min(1).max(65_535).optional().describe('Only processes that listen on this port'),
    limit: z.number().int().min(1).max(1000).default(30).describe('Rows at most'),
    sudo: z.boolean().optional().describe('Look as root, to see the ports of other users'),
  }),
  output: z.object({
    alias: z.string(),
    total: z.number().int(),
    leftOut: z.number().int(),
    processes: z.array(Process),
  }),
  run: async (context, input) => {
    const result = await context.hosts.shell(input.alias, listScript(input.port !== undefined), {
      maxBytes: 16 * 1024 * 1024,
      signal: context.signal,
      ...(input.sudo && { sudo: true }),
    });
    if (result.exitCode === 95) {
      throw new FlotillaError('UNSUPPORTED', `${input.alias} has no readable /proc.`, {
        details: { alias: input.alias },
      });
    }
    const sections = readSections(result.stdout);
    const ports = portsByPid(sections);
    const all = parseProcesses(sections).map((row) => {
      const listening = ports.get(row.pid);
      return {
        ...row,
        command: visibleControls(row.command).slice(0, 500),
        ...(listening && { ports: listening }),
      };
    });
    const wanted = all.filter(
      (row) =>
        (input.port === undefined || row.ports?.includes(input.port)) &&
        (input.text === undefined || row.command.includes(input.text) || row.user === input.text),
    );
    const processes = wanted.sort(BY[input.sort]).slice(0, input.limit);
    return { alias: input.alias, total: wanted.length, leftOut: wanted.length - processes.length, processes };
  },
  text: (output, { port, sudo }) => {
    const { alias, total, leftOut, processes } = output;
    if (total === 0) {
      const unseen = port === undefined || sudo ? '' : ' The ports of other users show only with sudo: true.';
      return `${alias}: no process matches.${unseen}`;
    }
    const count = `${total} process${total === 1 ? '' : 'es'}`;
    const head = `${alias}: ${count}${leftOut > 0 ? `, ${leftOut} not shown (raise limit)` : ''}`;
    const rows = processes.map(
      (row) =>
        `${row.pid} ${row.user} cpu ${row.cpuPercent} % mem ${formatBytes(row.memoryBytes)} up ${formatDuration(row.elapsedSeconds * 1000)} startTime ${row.startTime}${row.ports ? ` ports ${row.ports.join(',')}` : ''}  ${oneLine(row.command)}`,
    );
    return `${head}\n${fenceRemote(rows.join('\n'), 'process table')}`;
  },
});
