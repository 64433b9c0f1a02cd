import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { ago } from '../terminal/time.ts';

export function workerListCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'list',
    summary: 'List the workers that are there now',
    examples: ['worker list'],
  }).action(
    action(cli, async ({ json, verbose }) =>
      cli.withHub({ withoutSettings: true, verbose: verbose === true }, async (hub) => {
        const rows = hub.runtime.services.presence
          .list()
          .map(({ seenAt, ...worker }) => ({ ...worker, seenAt: new Date(seenAt).toISOString() }));
        const { color, columns } = cli.terminal;
        if (json) cli.terminal.json(rows);
        else if (rows.length === 0) cli.terminal.note('No worker is there.');
        else
          cli.terminal.print(
            table<(typeof rows)[number]>(
              [
                { title: 'worker', value: ({ id }) => id, style: color.cyan },
                { title: 'lanes', value: ({ lanes }) => lanes.join(', ') },
                { title: 'labels', value: ({ labels }) => labels.join(', ') },
                { title: 'token', value: ({ token }) => token },
                { title: 'trouble', value: ({ queueTrouble }) => queueTrouble ?? '', style: color.red },
                { title: 'seen', value: ({ seenAt }) => ago(seenAt) },
              ],
              rows,
              { columns, heading: color.dim },
            ),
          );
        return EXIT.ok;
      }),
    ),
  );
}
