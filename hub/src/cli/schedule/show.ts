import type { Command } from 'commander';
import { passThrough } from '../calls/pass-through.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';
import { integerOption } from '../option-values.ts';

export function scheduleShowCommand(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'show <schedule>',
    summary: 'Show one schedule: its rules, its fire times, its last firings',
    examples: ['schedule show nightly', 'schedule show nightly --limit 100 --json'],
  })
    .option('--limit <n>', 'most firings, default 20', integerOption)
    .action(
      action<{ limit?: number }>(cli, async ({ limit, ...options }, name = '') =>
        passThrough(cli, options, 'schedule_list', { name, limit }),
      ),
    );
}
