import { formatDuration, type RunState, type ToolAnswer } from '@flotilla/core';
import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { given } from '../calls/pass-through.ts';
import { failureIn, showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { collect, integerOption } from '../option-values.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { ago } from '../terminal/time.ts';

interface Row {
  id: string;
  tool: string;
  state: RunState;
  summary: string;
  hosts: string[];
  createdAt: string;
  endedAt?: string;
  durationMs?: number;
  waitingFor?: string;
  code?: string;
}

interface ListOptions {
  ended?: boolean;
  state?: string[];
  host?: string;
  search?: string;
  limit?: number;
}

const STYLES: Partial<Record<RunState, 'green' | 'red' | 'yellow' | 'dim'>> = {
  succeeded: 'green',
  failed: 'red',
  timed_out: 'red',
  interrupted: 'red',
  waiting: 'yellow',
  cancelled: 'dim',
};

export function taskListCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'list',
    summary: 'List open runs, or ended ones',
    examples: ['task list', 'task list --ended --host web1', 'task list --state failed --state interrupted'],
  })
    .option('--ended', 'ended runs, the newest first')
    .option('--state <state>', 'only this state; may be repeated', collect)
    .option('--host <alias>', 'ended runs of this host')
    .option('--search <text>', 'ended runs whose summary holds this text')
    .option('--limit <n>', 'most rows, default 100', integerOption)
    .action(
      action<ListOptions>(cli, async ({ json, verbose, ...options }) =>
        cli.withHub({ verbose: verbose === true }, async (hub, base) => {
          const { tool, args } = query(options);
          const answer = await callTool(cli, hub, base, tool, args);
          if (json || failureIn(answer)) return showAnswer(cli.terminal, answer, json === true);
          show(cli, answer, tool);
          return EXIT.ok;
        }),
      ),
    );
}

/** Filters that only history has imply it. */
function query({ ended, state, host, search, limit }: ListOptions) {
  if (ended || host !== undefined || search !== undefined)
    return { tool: 'task_history', args: given({ state, alias: host, text: search, limit }) };
  return { tool: 'task_queue', args: given({ status: state, limit }) };
}

function show({ terminal }: Cli, answer: ToolAnswer, tool: string): void {
  const { rows, total } = answer.structuredContent as { rows: Row[]; total: number };
  const { color, columns } = terminal;
  if (rows.length === 0) {
    terminal.note(
      tool === 'task_queue' ? 'No open runs. Ended ones: flotilla task list --ended' : 'No run matches.',
    );
    return;
  }
  const text = table<Row>(
    [
      { title: 'id', value: ({ id }) => id, style: color.cyan },
      {
        title: 'state',
        value: ({ state, code }) => (code && state === 'failed' ? `failed ${code}` : state),
        style: (padded, { state }) => color[STYLES[state] ?? 'reset'](padded),
      },
      { title: 'age', value: ({ createdAt }) => ago(createdAt) },
      {
        title: 'took',
        value: ({ durationMs }) => (durationMs === undefined ? undefined : formatDuration(durationMs)),
        align: 'right',
      },
      { title: 'tool', value: ({ tool: name }) => name, flexible: true },
      { title: 'summary', value: ({ summary, waitingFor }) => waitingFor ?? summary, flexible: true },
    ],
    rows,
    { columns, heading: color.dim },
  );
  terminal.print(text);
  if (rows.length < total) terminal.note(`${rows.length} of ${total}; more with --limit`);
}
