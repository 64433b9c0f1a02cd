import type { Command } from 'commander';
import { passThrough } from '../calls/pass-through.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { confirm } from '../terminal/ask.ts';
import { EXIT } from '../terminal/exit-codes.ts';

export function scheduleRemoveCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'remove <schedule>',
    summary: 'Forget a schedule and its history; what runs goes on',
    examples: ['schedule remove nightly --yes'],
  })
    .alias('rm')
    .option('--yes', 'do not ask')
    .action(
      action<{ yes?: boolean }>(cli, async ({ yes, ...options }, name = '') => {
        if (!(await confirm(cli, `Remove the schedule ${name}?`, yes))) return EXIT.failed;
        return passThrough(cli, options, 'schedule_remove', { name });
      }),
    );
}
