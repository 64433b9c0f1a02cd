import {
  anyHostFailed,
  defineTool,
  FlotillaError,
  failedHostText,
  fanOutArguments,
  formatDuration,
  HostTarget,
  hostRowSchema,
  hostRows,
} from '@flotilla/core';
import { z } from 'zod';

const Row = hostRowSchema({
  upSeconds: z.number(),
  load: z.number().describe('Average of the last minute'),
});

/** Both files in one round trip; exit code 95 when the host has no /proc. */
const SCRIPT = 'cat /proc/uptime /proc/loadavg 2>/dev/null || exit 95';

export const templateUptime = defineTool({
  name: 'template_uptime',
  title: 'Uptime and load',
  description: 'How long hosts have been up, and their load. One row per host.',
  effect: 'read',
  input: z.object({ alias: HostTarget, ...fanOutArguments }),
  output: z.object({ rows: z.array(Row) }),
  isError: anyHostFailed,
  run: async (context, input) => ({
    rows: await hostRows(context, input, async (alias) => {
      const { signal } = context;
      const result = await context.hosts.shell(alias, SCRIPT, { signal, timeoutMs: 15_000 });
      const uptime = result.exitCode === 0 ? parseUptime(result.stdout) : undefined;
      if (!uptime) throw new FlotillaError('UNSUPPORTED', `${alias} has no readable /proc.`);
      return uptime;
    }),
  }),
  text: ({ rows }) =>
    rows
      .map((row) => {
        if (row.upSeconds === undefined) return failedHostText(row);
        return `${row.alias}: up ${formatDuration(row.upSeconds * 1000)}, load ${row.load}`;
      })
      .join('\n'),
});

/** /proc/uptime and /proc/loadavg, one line each (proc(5)); undefined when they are not that. */
function parseUptime(text: string): { upSeconds: number; load: number } | undefined {
  const [uptime = '', loadavg = ''] = text.split('\n');
  const upSeconds = Number.parseFloat(uptime);
  const load = Number.parseFloat(loadavg);
  return Number.isFinite(upSeconds) && Number.isFinite(load) ? { upSeconds, load } : undefined;
}
