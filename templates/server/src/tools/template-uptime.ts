import { defineTool, FlotillaError, forEachHost, formatDuration, HostTarget } from '@flotilla/core';
import { z } from 'zod';

const Row = z.object({
  alias: z.string(),
  state: z.enum(['ok', 'failed', 'skipped', 'cancelled']),
  upSeconds: z.number().optional(),
  load: z.number().optional().describe('Average of the last minute'),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).optional(),
});

/** Both files in one round trip; exit code 95 when the host has no /proc. */
const SCRIPT = 'cat /proc/uptime /proc/loadavg 2>/dev/null || exit 95';

export const templateUptime = defineTool({
  name: 'template_uptime',
  title: 'Uptime and load',
  description: 'How long hosts have been up, and their load. One row per host.',
  effect: 'read',
  input: z.object({
    alias: HostTarget,
    maxParallel: z.number().int().min(1).max(200).default(20).describe('Hosts at once, 1–200'),
  }),
  output: z.object({ rows: z.array(Row) }),
  isError: ({ rows }) => rows.some((row) => row.state !== 'ok'),
  run: async ({ hosts, signal }, { alias, maxParallel }) => {
    const aliases = hosts.resolve(alias).map((host) => host.alias);
    const outcomes = await forEachHost(aliases, { maxParallel, signal }, async (one) => {
      const result = await hosts.shell(one, SCRIPT, { signal, timeoutMs: 15_000 });
      const uptime = result.exitCode === 0 ? parseUptime(result.stdout) : undefined;
      if (!uptime) throw new FlotillaError('UNSUPPORTED', `${one} has no readable /proc.`);
      return uptime;
    });
    return {
      rows: outcomes.map(({ alias: one, state, value, error }) => ({
        alias: one,
        state,
        ...value,
        ...(error && { error: { code: error.code, message: error.message, hint: error.hint } }),
      })),
    };
  },
  text: ({ rows }) =>
    rows
      .map(({ alias, state, upSeconds = 0, load, error }) =>
        state === 'ok'
          ? `${alias}: up ${formatDuration(upSeconds * 1000)}, load ${load}`
          : `${alias}: ${error ? `${error.code}: ${error.message}` : state}`,
      )
      .join('\n'),
});

/** /proc/uptime and /proc/loadavg, one line each (proc(5)); undefined when they are not that. */
function parseUptime(text: string): { upSeconds: number; load: number } | undefined {
  const [uptime = '', loadavg = ''] = text.split('\n');
  const upSeconds = Number.parseFloat(uptime);
  const load = Number.parseFloat(loadavg);
  return Number.isFinite(upSeconds) && Number.isFinite(load) ? { upSeconds, load } : undefined;
}
