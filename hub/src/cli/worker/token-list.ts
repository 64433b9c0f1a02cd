import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';
import { ago } from '../terminal/time.ts';

export function tokenListCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'list',
    summary: 'List the tokens of workers, never their values',
    examples: ['worker token list'],
  }).action(
    action(cli, async ({ json, verbose }) =>
      cli.withHub({ withoutSettings: true, verbose: verbose === true }, async (hub, base) => {
        const { sideOf } = await import('./side.ts');
        const rows = (await sideOf(hub, base)).tokens.list().map(({ createdAt, ...token }) => ({
          ...token,
          ...(createdAt !== undefined && { createdAt: new Date(createdAt).toISOString() }),
        }));
        const { color, columns } = cli.terminal;
        if (json) cli.terminal.json(rows);
        else if (rows.length === 0)
          cli.terminal.note('No token. Make one: flotilla worker token add NAME --lanes LANES');
        else
          cli.terminal.print(
            table<(typeof rows)[number]>(
              [
                { title: 'name', value: ({ name }) => name, style: color.cyan },
                { title: 'lanes', value: ({ lanes }) => lanes.join(', ') },
                { title: 'labels', value: ({ labels }) => labels.join(', ') },
                { title: 'standing', value: ({ standing }) => (standing ? 'yes' : '') },
                { title: 'made', value: ({ createdAt }) => (createdAt === undefined ? '' : ago(createdAt)) },
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
