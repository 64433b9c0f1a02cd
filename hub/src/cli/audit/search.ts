import { formatDuration } from '@flotilla/core';
import type { Command } from 'commander';
import { callTool } from '../calls/call-tool.ts';
import { given } from '../calls/pass-through.ts';
import { failureIn, showAnswer } from '../calls/show-answer.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { integerOption } from '../option-values.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { ago } from '../terminal/time.ts';

interface Row {
  time: string;
  principal: string;
  client?: string;
  tool: string;
  effect: string;
  hosts: string[];
  args: Record<string, unknown>;
  result: string;
  code?: string;
  durationMs?: number;
}

interface SearchOptions {
  host?: string;
  tool?: string;
  principal?: string;
  since?: string;
  until?: string;
  limit?: number;
}

/** A date of a person, in the local zone, as the tool wants it. */
const instant = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
};

export function auditSearchCommand(parent: Command, cli: Cli): void {
  const { terminal } = cli;
  define(parent, {
    usage: 'search [text]',
    summary: 'Search the audit log, the newest call first',
    examples: [
      'audit search',
      'audit search nginx --host web1',
      "audit search --tool 'server_*' --since 2030-01-31",
    ],
  })
    .option('--host <alias>', 'calls that named this host')
    .option('--tool <name>', 'a tool, or a pattern with *')
    .option('--principal <id>', 'who, e.g. stdio:1000')
    .option('--since <time>', 'from this time on')
    .option('--until <time>', 'up to this time')
    .option('--limit <n>', 'most calls, default 50', integerOption)
    .action(
      action<SearchOptions>(cli, async ({ json, verbose, ...options }, text?: string) =>
        cli.withHub({ verbose: verbose === true }, async (hub, base) => {
          const { host, tool, principal, since, until, limit } = options;
          const query = {
            text,
            alias: host,
            tool,
            principal,
            since: instant(since),
            until: instant(until),
            limit,
          };
          const answer = await callTool(cli, hub, base, 'audit_search', given(query));
          if (json || failureIn(answer)) return showAnswer(terminal, answer, json === true);
          const { rows, more } = answer.structuredContent as { rows: Row[]; more: boolean };
          if (rows.length === 0) terminal.note('No call matches.');
          else terminal.print(listing(cli, rows));
          if (more) terminal.note('Older calls match too: --limit');
          return EXIT.ok;
        }),
      ),
    );
}

function listing({ terminal }: Cli, rows: readonly Row[]): string {
  const { color, columns } = terminal;
  return table<Row>(
    [
      { title: 'when', value: ({ time }) => ago(time) },
      { title: 'who', value: ({ principal, client }) => (client ? `${principal} (${client})` : principal) },
      { title: 'tool', value: ({ tool }) => tool, style: color.cyan },
      { title: 'hosts', value: ({ hosts }) => hosts.join(','), flexible: true },
      {
        title: 'result',
        value: ({ result, code }) => code ?? result,
        style: (text, { result }) => (result === 'error' || result === 'denied' ? color.red(text) : text),
      },
      {
        title: 'took',
        value: ({ durationMs }) => (durationMs === undefined ? undefined : formatDuration(durationMs)),
        align: 'right',
      },
      { title: 'arguments', value: ({ args }) => JSON.stringify(args), flexible: true },
    ],
    rows,
    { columns, heading: color.dim },
  );
}
