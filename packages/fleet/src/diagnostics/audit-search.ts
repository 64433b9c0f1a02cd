import type { AuditLog } from '@flotilla/admission';
import { type AnyTool, defineTool, formatDuration, HostAlias } from '@flotilla/core';
import { z } from 'zod';
import { textTable } from '../text/table.ts';
import { ago, iso } from '../text/time.ts';

const Row = z.object({
  seq: z.number().describe('Place in the log'),
  time: z.string().describe('ISO 8601'),
  principal: z.string(),
  client: z.string().optional(),
  tool: z.string(),
  effect: z.enum(['read', 'write', 'destroy']),
  hosts: z.array(z.string()),
  args: z.record(z.string(), z.unknown()).describe('Secrets replaced, long values cut'),
  result: z
    .enum(['ok', 'error', 'denied', 'run', 'open'])
    .describe('run: it became a run; open: under way, or its process ended in it'),
  code: z.string().optional(),
  runId: z.string().optional(),
  durationMs: z.number().optional(),
});

const Instant = z
  .string()
  .max(40)
  .refine(
    (text) => /(Z|[+-]\d\d:?\d\d)$/i.test(text) && !Number.isNaN(Date.parse(text)),
    'a time with its zone',
  )
  .describe('ISO 8601 with zone, e.g. 2030-01-31T12:00:00Z');

export interface AuditSearchDeps {
  audit: Pick<AuditLog, 'search'>;
  now?: () => number;
}

export function auditSearch({ audit, now = Date.now }: AuditSearchDeps): AnyTool {
  return defineTool({
    name: 'audit_search',
    title: 'Who did what',
    description:
      'Searches the audit log, the newest first: which client called which tool on which host, with which effect and result. ' +
      'For what a run printed use task_output with its runId.',
    effect: 'read',
    openWorld: false,
    input: z.object({
      text: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .describe("Part of a tool's name, an argument or an alias, any case"),
      alias: HostAlias.optional(),
      tool: z.string().min(1).max(64).optional().describe('A name, or a pattern with *, e.g. server_*'),
      principal: z.string().min(1).max(100).optional().describe('Exact, e.g. stdio:1000'),
      since: Instant.optional(),
      until: Instant.optional(),
      limit: z.number().int().min(1).max(1000).default(50).describe('Most rows, 1–1000'),
    }),
    output: z.object({ rows: z.array(Row), more: z.boolean().describe('Older calls match too') }),
    run: async (_context, { since, until, ...query }) => {
      const found = audit.search({
        ...query,
        ...(since !== undefined && { since: Date.parse(since) }),
        ...(until !== undefined && { until: Date.parse(until) }),
      });
      const rows = found.calls.map(({ time, aliases, ...call }) => ({
        ...call,
        time: iso(time),
        hosts: aliases,
      }));
      return { rows, more: found.more };
    },
    text: ({ rows, more }) => {
      if (rows.length === 0) return 'No call matches.';
      const table = textTable(
        ['when', 'who', 'tool', 'effect', 'host', 'result', 'took', 'run', 'arguments'],
        rows.map((row) => [
          ago(row.time, now()),
          row.client === undefined ? row.principal : `${row.principal} (${row.client})`,
          row.tool,
          row.effect,
          row.hosts.join(','),
          row.code === undefined ? row.result : `${row.result} ${row.code}`,
          row.durationMs === undefined ? undefined : formatDuration(row.durationMs),
          row.runId,
          JSON.stringify(row.args),
        ]),
      );
      return more ? `${table}\nOlder calls match too: raise limit, or set until to the oldest time.` : table;
    },
  });
}
