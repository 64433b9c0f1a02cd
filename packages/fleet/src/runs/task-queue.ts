import { type AnyTool, defineTool } from '@flotilla/core';
import { z } from 'zod';
import type { RunToolsDeps } from './deps.ts';
import { RunRow, runRow } from './run-row.ts';
import { endedRunsTable, openRunsTable } from './run-table.ts';
import { StateFilter, splitStates, statesOf } from './state-filter.ts';

export function taskQueue(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  return defineTool({
    name: 'task_queue',
    title: 'Open runs',
    description:
      'Lists the runs that have not ended: state, hosts, age, progress and why a run is not running. ' +
      'For ended runs use task_history, for one run task_status.',
    effect: 'read',
    openWorld: false,
    input: z.object({
      status: StateFilter.optional(),
      limit: z.number().int().min(1).max(1000).default(100).describe('Most rows to answer with, 1–1000'),
      compact: z
        .boolean()
        .default(true)
        .describe('false adds who started a run and the server that holds its tool'),
    }),
    output: z.object({
      rows: z.array(
        RunRow.extend({ position: z.number().optional().describe('Place in the queue, from 1') }),
      ),
      total: z.number().describe('Runs that match, shown or not'),
    }),
    run: async ({ principal }, { status, limit, compact }) => {
      const { open, ended } = splitStates(statesOf(status));
      const none = { runs: [], total: 0 };
      const first = open.length > 0 ? deps.engine.list({ states: open, limit }) : none;
      const rest = ended.length > 0 ? deps.engine.history({ states: ended, limit }) : none;
      const queue = first.runs.filter((run) => run.state === 'queued').map((run) => run.id);
      const rows = [...first.runs, ...rest.runs]
        .filter((run) => deps.admits?.(principal, run, 'read') !== false)
        .slice(0, limit)
        .map((run) => ({
          ...runRow(run, now(), compact),
          ...(run.state === 'queued' && { position: queue.indexOf(run.id) + 1 }),
        }));
      return { rows, total: first.total + rest.total };
    },
    text: ({ rows, total }) => {
      if (rows.length === 0) return 'No run matches: nothing is waiting or running.';
      const openRows = rows.filter((row) => row.endedAt === undefined);
      const endedRows = rows.filter((row) => row.endedAt !== undefined);
      const parts = [
        `${total} run${total === 1 ? '' : 's'}${rows.length < total ? `, the first ${rows.length}` : ''}`,
      ];
      if (openRows.length > 0) parts.push(openRunsTable(openRows, now()));
      if (endedRows.length > 0) parts.push(endedRunsTable(endedRows, now()));
      return parts.join('\n');
    },
  });
}
