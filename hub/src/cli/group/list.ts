import type { GroupView } from '@flotilla/inventory';
import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { table } from '../terminal/table.ts';

export function groupListCommand(parent: Command, cli: Cli): void {
  const { terminal } = cli;
  define(parent, {
    usage: 'list',
    summary: 'List the groups and their members',
    examples: ['group list'],
  }).action(
    action(cli, async ({ json, verbose }) =>
      cli.withHub({ verbose: verbose === true }, async (hub) => {
        const groups = hub.runtime.services.inventory.groups();
        const { color, columns } = terminal;
        if (json) terminal.json(groups);
        else if (groups.length === 0) terminal.note('No group. Make one: flotilla group set web web1 web2');
        else
          terminal.print(
            table<GroupView>(
              [
                { title: 'group', value: ({ name }) => name, style: color.cyan },
                { title: 'hosts', value: ({ aliases }) => aliases.length, align: 'right' },
                { title: 'members', value: ({ aliases }) => aliases.join(', '), flexible: true },
              ],
              groups,
              { columns, heading: color.dim },
            ),
          );
        return EXIT.ok;
      }),
    ),
  );
}
