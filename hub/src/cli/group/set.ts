import type { Command } from 'commander';
import { passThrough } from '../calls/pass-through.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';

export function groupSetCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'set <name> <aliases...>',
    summary: 'Make a group of exactly these hosts',
    examples: ['group set web web1 web2'],
  }).action(
    action(cli, async (options, name = '', ...aliases) =>
      passThrough(cli, options, 'server_group_set', { name, aliases }),
    ),
  );
}
