import type { Command } from 'commander';
import { passThrough } from '../calls/pass-through.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';

export function groupRemoveCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'remove <name>',
    summary: 'Forget a group; its hosts stay registered',
    examples: ['group remove web --yes'],
  })
    .alias('rm')
    .option('--yes', 'do not ask')
    .action(
      action<{ yes?: boolean }>(cli, async ({ yes, ...options }, name = '') => {
        if (!(await confirm(cli, `Remove the group ${name}?`, yes))) return EXIT.failed;
        return passThrough(cli, options, 'server_group_remove', { name });
      }),
    );
}
