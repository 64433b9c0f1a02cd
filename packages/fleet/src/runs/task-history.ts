import { type AnyTool, defineTool, HostAlias, isOpen } from '@flotilla/core';
import { z } from 'zod';
import type { RunToolsDeps } from './deps.ts';
import { RunRow, runRow } from './run-row.ts';
import { endedRunsTable } from './run-table.ts';
import { StateFilter, statesOf } from './state-filter.ts';

export function taskHistory(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  return defineTool({
    name: 'task_history',
    title: 'Ended runs',
    description:
      'Lists ended runs, the newest first, by host, tool, state or words of their summary. ' +
      'task_output reads what one of them printed; open runs are in task_queue.',
    effect: 'read',
    openWorld: false,
    input: z.object({
      alias: HostAlias.optional(),
      limit: z.number().int().min(1).max(1000).default(100).describe('Most rows to answer with, 1–1000'),
      offset: z.number().int().min(0).max(1_000_000).default(0).describe('Rows to skip, for the next page'),
      compact: z
        .boolean()
        .default(true)
        .describe('false adds who started a run and the server that holds its tool'),
      state: StateFilter.optional(),
      tool: z.string().max(64).optional().describe('Exact name, e.g. task_exec'),
      text: z.string().min(1).max(200).optional().describe('Part of the summary, any case'),
    }),
    output: z.object({ rows: z.array(RunRow), total: z.number(), nextOffset: z.number().optional() }),
    run: async ({ principal }, { alias, limit, offset, compact, state, tool, text }) => {
      const states = statesOf(state)?.filter((one) => !isOpen(one));
      if (states?.length === 0) return { rows: [], total: 0 };
      const page = deps.engine.history({
        limit,
        offset,
        ...(states && { states }),
        ...(alias !== undefined && { alias }),
        ...(tool !== undefined && { tool }),
        ...(text !== undefined && { text }),
      });
      const visible = page.runs.filter((run) => deps.admits?.(principal, run, 'read') !== false);
      const end = offset + page.runs.length;
      return {
        rows: visible.map((run) => runRow(run, now(), compact)),
        total: page.total,
        ...(end < page.total && page.runs.length > 0 && { nextOffset: end }),
      };
    },
    text: ({ rows, total, nextOffset }, { offset }) => {
      if (rows.length === 0)
        return total === 0 ? 'No ended run matches.' : `No run at offset ${offset} of ${total}.`;
      const more = nextOffset === undefined ? '' : `\nMore: offset ${nextOffset}`;
      return `${total} ended run${total === 1 ? '' : 's'}\n${endedRunsTable(rows, now())}${more}`;
    },
  });
}
