import {
  type AnyTool,
  defineTool,
  FlotillaError,
  forEachHost,
  HostTarget,
  type ToolContext,
} from '@flotilla/core';
import { z } from 'zod';
import type { HostToolsDeps } from './deps.ts';
import { withinTime } from './facts/probe.ts';
import { fanOutInput } from './fan-out-input.ts';
import { HostFailure, hostFailure } from './host-failure.ts';
import { HostStatus, parseStatus } from './status/host-status.ts';
import { STATUS_SCRIPT } from './status/status-script.ts';
import { statusText } from './status/status-text.ts';

const Row = z.object({
  alias: z.string(),
  online: z.boolean(),
  latencyMs: z.number().optional().describe('Of the whole question, with the connection if there was none'),
  status: HostStatus.optional(),
  failure: HostFailure.optional(),
});
type Row = z.infer<typeof Row>;

export function fleetStatus(deps: HostToolsDeps): AnyTool {
  return defineTool({
    name: 'fleet_status',
    title: 'State of the fleet',
    description:
      'Asks all hosts, or the given ones, in parallel who is online, with load, memory, disk of / and uptime; alarms come first. ' +
      'Use it for "how are my servers?"; server_test finds out why one cannot be used.',
    effect: 'read',
    input: z.object({
      alias: HostTarget.optional().describe(
        'Hosts; default all. Alias, list, "all", "group:NAME", "env:NAME", "tag:NAME"',
      ),
      timeout_s: z.number().int().min(1).max(120).default(15).describe('Seconds for each host, 1–120'),
      ...fanOutInput,
      maxParallel: z.number().int().min(1).max(200).default(50).describe('Hosts at once, 1–200'),
    }),
    output: z.object({ rows: z.array(Row), online: z.number(), total: z.number() }),
    run: async (context, { alias, timeout_s, maxParallel, stopAfterFailures }) => {
      const aliases = context.hosts.resolve(alias ?? 'all').map((host) => host.alias);
      const outcomes = await forEachHost(
        aliases,
        { maxParallel, stopAfterFailures, signal: context.signal, failed: (row: Row) => !row.online },
        (one) => askHost(deps, context, one, timeout_s * 1_000),
      );
      context.signal.throwIfAborted();
      const rows = outcomes.map(
        ({ alias: one, value }): Row => value ?? { alias: one, online: false, failure: SKIPPED },
      );
      return { rows, online: rows.filter((row) => row.online).length, total: rows.length };
    },
    text: ({ rows }) => statusText(rows),
  });
}

const SKIPPED: HostFailure = {
  code: 'CANCELLED',
  message: 'Not asked: too many hosts before it failed.',
  hint: 'Call again without stopAfterFailures.',
};

async function askHost(
  deps: HostToolsDeps,
  context: ToolContext,
  alias: string,
  timeoutMs: number,
): Promise<Row> {
  const started = performance.now();
  try {
    const { stdout } = await withinTime(context.signal, timeoutMs, alias, (signal) =>
      context.hosts.shell(alias, STATUS_SCRIPT, { signal, timeoutMs, maxBytes: 16_384 }),
    );
    const latencyMs = Math.round(performance.now() - started);
    const status = parseStatus(stdout);
    if (!status) throw noShell(alias, stdout);
    await deps.inventory.seen(alias);
    return { alias, online: true, latencyMs, status };
  } catch (error) {
    return { alias, online: false, failure: hostFailure(context, alias, error) };
  }
}

const noShell = (alias: string, output: string): FlotillaError =>
  new FlotillaError('UNSUPPORTED', `${alias} let us in, but its shell did not run a POSIX script.`, {
    details: { alias, remote: output.slice(0, 500) },
    hint: 'server_test says more.',
  });
