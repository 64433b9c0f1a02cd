import { FlotillaError } from '@flotilla/core';
import type { Command } from 'commander';
import { audited } from '../audited.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { labelsOption } from './names.ts';

interface ReachOptions {
  labels?: string;
  none?: boolean;
}

export function workerReachCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'reach [alias]',
    summary: 'Say which workers reach a host that this machine does not',
    description:
      'Runs on the host are then taken only by workers with these labels, and what the hub itself wants of it goes through ' +
      'them. Without an alias: lists such hosts.',
    examples: ['worker reach nas --labels office', 'worker reach nas --none', 'worker reach'],
  })
    .option('--labels <names>', 'labels that a worker needs, separated by commas')
    .option('--none', 'this machine and every worker reach it')
    .action(
      action<ReachOptions>(cli, async ({ labels, none, json, verbose }, alias) =>
        cli.withHub({ withoutSettings: true, verbose: verbose === true }, async (hub, base) => {
          const { inventory, reach } = hub.runtime.services;
          if (alias === undefined) {
            list(cli, reach.list(), json === true);
            return EXIT.ok;
          }
          const wanted = none ? [] : labelsOption(labels);
          if (!none && wanted.length === 0)
            throw new FlotillaError('INVALID_INPUT', 'Give --labels NAMES, or --none.');
          inventory.get(alias);
          const entry = {
            tool: 'worker_reach',
            effect: 'write' as const,
            aliases: [alias],
            args: { alias, labels: wanted },
          };
          await audited(hub, base, entry, () => reach.set(alias, wanted));
          if (json) cli.terminal.json({ alias, labels: wanted });
          else
            cli.terminal.note(
              none
                ? `${alias} is reached by everybody.`
                : `${alias} is reached by workers with ${wanted.join(', ')} only.`,
            );
          return EXIT.ok;
        }),
      ),
    );
}

function list(cli: Cli, rows: readonly { alias: string; labels: string[] }[], json: boolean): void {
  const { color, columns } = cli.terminal;
  if (json) cli.terminal.json(rows);
  else if (rows.length === 0) cli.terminal.note('Every host is reached by this machine and every worker.');
  else
    cli.terminal.print(
      table<(typeof rows)[number]>(
        [
          { title: 'host', value: ({ alias }) => alias, style: color.cyan },
          { title: 'reached by workers with', value: ({ labels }) => labels.join(', ') },
        ],
        rows,
        { columns, heading: color.dim },
      ),
    );
}
