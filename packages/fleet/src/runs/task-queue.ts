import { type AnyTool, defineTool } from '@flotilla/core';
import { z } from 'zod';
import { Compact } from './compact.ts';
import type { RunToolsDeps } from './deps.ts';
import { askElsewhere, distinct, Missing, missingText, type RowElsewhere, rowsOf } from './elsewhere.ts';
import { mayRead } from './run-access.ts';
import { compactRow, RunRow, runRow } from './run-row.ts';
import { endedRunsTable, openRunsTable } from './run-table.ts';
import { StateFilter, splitStates, statesOf } from './state-filter.ts';

type Row = RowElsewhere;

/** Open runs, first come first; then ended ones, the newest first. */
function inOrder(a: Row, b: Row): number {
  if (a.endedAt === undefined || b.endedAt === undefined)
    return (
      Number(a.endedAt !== undefined) - Number(b.endedAt !== undefined) || order(a.createdAt, b.createdAt)
    );
  return order(b.endedAt, a.endedAt);
}
const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

export function taskQueue(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  const own = (status: z.output<typeof StateFilter> | undefined, limit: number) => {
    const { open, ended } = splitStates(statesOf(status));
    const none = { runs: [], total: 0 };
    const first = open.length > 0 ? deps.engine.list({ states: open, limit }) : none;
    const rest = ended.length > 0 ? deps.engine.history({ states: ended, limit }) : none;
    const queue = first.runs.filter((run) => run.state === 'queued').map((run) => run.id);
    const rows = [...first.runs, ...rest.runs].map((run) => ({
      ...runRow(run, now()),
      ...(run.state === 'queued' && { position: queue.indexOf(run.id) + 1 }),
    }));
    return { rows, total: first.total + rest.total };
  };
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
      compact: Compact,
    }),
    output: z.object({
      rows: z.array(
        RunRow.extend({ position: z.number().optional().describe('Place in its queue, from 1') }),
      ),
      total: z.number().describe('Runs that match, shown or not'),
      missing: Missing,
    }),
    run: async ({ principal, signal }, { status, limit, compact = deps.compact ?? true }) => {
      const { found, missing } = await askElsewhere(deps, { principal, signal }, (mount, call) =>
        rowsOf(mount, call, {
          tool: 'task_queue',
          args: { ...(status !== undefined && { status }) },
          want: limit,
        }),
      );
      const here = own(status, limit);
      const lists = distinct([here, ...found]);
      const rows = lists.length === 1 ? here.rows : lists.flatMap((list): Row[] => list.rows).sort(inOrder);
      const shown = rows.filter((row) => mayRead(deps, principal, row)).slice(0, limit);
      return {
        rows: compact ? shown.map(compactRow) : shown,
        total: lists.reduce((sum, { total }) => sum + total, 0),
        ...(missing.length > 0 && { missing }),
      };
    },
    text: ({ rows, total, missing }) => {
      const without = missingText(missing);
      if (rows.length === 0) return `No run matches: nothing is waiting or running.${without}`;
      const openRows = rows.filter((row) => row.endedAt === undefined);
      const endedRows = rows.filter((row) => row.endedAt !== undefined);
      const parts = [
        `${total} run${total === 1 ? '' : 's'}${rows.length < total ? `, the first ${rows.length}` : ''}`,
      ];
      if (openRows.length > 0) parts.push(openRunsTable(openRows, now()));
      if (endedRows.length > 0) parts.push(endedRunsTable(endedRows, now()));
      return `${parts.join('\n')}${without}`;
    },
  });
}
