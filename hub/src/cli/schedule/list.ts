import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { failureIn, showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';

interface Row {
  name: string;
  state: string;
  tool: string;
  when: string;
  zone: string;
  next: { local: string }[];
  last?: { state: string; code?: string };
  failuresInARow: number;
}

export function scheduleListCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'list',
    summary: 'List the schedules, their next fire time and their last result',
    examples: ['schedule list', 'schedule list --json'],
  }).action(
    action(cli, async ({ json, verbose }) =>
      cli.withHub({ verbose: verbose === true }, async (hub, base) => {
        const answer = await callTool(cli, hub, base, 'schedule_list', {});
        if (json || failureIn(answer)) return showAnswer(cli.terminal, answer, json === true);
        const { schedules, firer } = answer.structuredContent as {
          schedules: Row[];
          firer: { active: boolean };
        };
        show(cli, schedules);
        if (!firer.active && schedules.length > 0)
          cli.terminal.note('Nothing fires them now: no hub runs. flotilla serve --http is one that stays.');
        return EXIT.ok;
      }),
    ),
  );
}

function show({ terminal }: Cli, rows: readonly Row[]): void {
  const { color, columns } = terminal;
  if (rows.length === 0) {
    terminal.note('No schedule. Make one: flotilla schedule add --help');
    return;
  }
  const columnsOfTable = [
    { title: 'name', value: ({ name }: Row) => name, style: color.cyan },
    { title: 'when', value: ({ when, zone }: Row) => `${when} ${zone}`, flexible: true },
    { title: 'tool', value: ({ tool }: Row) => tool, flexible: true },
    { title: 'next', value: ({ state, next }: Row) => next[0]?.local ?? state },
    {
      title: 'last',
      value: ({ last }: Row) => last && [last.state, last.code].filter(Boolean).join(' '),
      style: (padded: string, { last }: Row) => (last?.state === 'failed' ? color.red(padded) : padded),
    },
    {
      title: 'failed',
      value: ({ failuresInARow }: Row) => (failuresInARow > 0 ? `${failuresInARow} times` : undefined),
    },
  ];
  terminal.print(table<Row>(columnsOfTable, rows, { columns, heading: color.dim }));
}
