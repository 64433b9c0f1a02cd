import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { ago } from '../terminal/time.ts';

export function secretListCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'list',
    summary: 'List the names of the stored secrets, never their values',
    examples: ['secret list'],
  }).action(
    action(cli, async ({ json, verbose }) =>
      cli.withHub({ withoutSettings: true, verbose: verbose === true }, async (hub) => {
        const rows = hub.runtime.services.secrets
          .list()
          .map(({ name, updatedAt }) => ({ name, updatedAt: new Date(updatedAt).toISOString() }));
        const { color, columns } = cli.terminal;
        if (json) cli.terminal.json(rows);
        else if (rows.length === 0) cli.terminal.note('No secret. Store one: flotilla secret set NAME');
        else
          cli.terminal.print(
            table<(typeof rows)[number]>(
              [
                { title: 'name', value: ({ name }) => name, style: color.cyan },
                { title: 'stored', value: ({ updatedAt }) => ago(updatedAt) },
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
