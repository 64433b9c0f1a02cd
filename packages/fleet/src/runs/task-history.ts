import { type AnyTool, defineTool, HostAlias, isOpen } from '@flotilla/core';
import { z } from 'zod';
import { Compact } from './compact.ts';
import type { RunToolsDeps } from './deps.ts';
import { askElsewhere, distinct, Missing, missingText, type RowElsewhere, rowsOf } from './elsewhere.ts';
import { mayRead } from './run-access.ts';
import { compactRow, RunRow, runRow } from './run-row.ts';
import { endedRunsTable } from './run-table.ts';
import { StateFilter, statesOf } from './state-filter.ts';

/** The most rows that the engine gives at once. */
const PAGE = 1_000;

type Query = NonNullable<Parameters<RunToolsDeps['engine']['history']>[0]>;

const byEnd = (a: RowElsewhere, b: RowElsewhere): number => {
  const [first = '', second = ''] = [b.endedAt, a.endedAt];
  return first < second ? -1 : Number(first > second);
};

export function taskHistory(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  /** The rows `from` … `to` of this data folder. */
  const own = (query: Query, from: number, to: number) => {
    const rows: RowElsewhere[] = [];
    let total = 0;
    for (let offset = from; offset < to; offset += PAGE) {
      const page = deps.engine.history({ ...query, offset, limit: Math.min(PAGE, to - offset) });
      rows.push(...page.runs.map((run) => runRow(run, now())));
      total = page.total;
      if (offset + page.runs.length >= total || page.runs.length === 0) break;
    }
    return { rows, total };
  };
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
      compact: Compact,
      state: StateFilter.optional(),
      tool: z.string().max(64).optional().describe('Exact name, e.g. task_exec'),
      text: z.string().min(1).max(200).optional().describe('Part of the summary, any case'),
    }),
    output: z.object({
      rows: z.array(RunRow),
      total: z.number(),
      nextOffset: z.number().optional(),
      missing: Missing,
    }),
    run: async (
      { principal, signal },
      { limit, offset, compact = deps.compact ?? true, state, alias, tool, text },
    ) => {
      const states = statesOf(state)?.filter((one) => !isOpen(one));
      if (states?.length === 0) return { rows: [], total: 0 };
      const filter = {
        ...(alias !== undefined && { alias }),
        ...(tool !== undefined && { tool }),
        ...(text !== undefined && { text }),
      };
      const to = offset + limit;
      const { found, missing } = await askElsewhere(deps, { principal, signal }, (mount, call) =>
        rowsOf(mount, call, {
          tool: 'task_history',
          args: { ...filter, ...(state !== undefined && { state }) },
          want: to,
        }),
      );
      // Pages over several sources are cut from all of them together, from the first row on.
      const here = own({ ...filter, ...(states && { states }) }, found.length === 0 ? offset : 0, to);
      const lists = distinct([here, ...found]);
      const page =
        found.length === 0
          ? here.rows
          : lists
              .flatMap(({ rows }) => rows)
              .sort(byEnd)
              .slice(offset, to);
      const shown = page.filter((row) => mayRead(deps, principal, row));
      const total = lists.reduce((sum, list) => sum + list.total, 0);
      const end = offset + page.length;
      return {
        rows: compact ? shown.map(compactRow) : shown,
        total,
        ...(end < total && page.length > 0 && { nextOffset: end }),
        ...(missing.length > 0 && { missing }),
      };
    },
    text: ({ rows, total, nextOffset, missing }, { offset }) => {
      const without = missingText(missing);
      if (rows.length === 0)
        return `${total === 0 ? 'No ended run matches.' : `No run at offset ${offset} of ${total}.`}${without}`;
      const more = nextOffset === undefined ? '' : `\nMore: offset ${nextOffset}`;
      return `${total} ended run${total === 1 ? '' : 's'}\n${endedRunsTable(rows, now())}${more}${without}`;
    },
  });
}
