import type { Command } from 'commander';
import { passThrough } from '../calls/pass-through.ts';
import type { Cli } from '../cli.ts';
import { action, define } from '../define.ts';

export function schedulePauseCommands(parent: Command, cli: Cli): void {
  define(parent, {
    usage: 'pause <schedule>',
    summary: 'Fire no more until it is resumed; what runs goes on',
    examples: ['schedule pause nightly'],
  }).action(
    action(cli, async (options, name = '') =>
      passThrough(cli, options, 'schedule_add', { name, enabled: false }),
    ),
  );
  define(parent, {
    usage: 'resume <schedule>',
    summary: 'Fire again from now on, on behalf of whoever resumes it',
    examples: ['schedule resume nightly'],
  }).action(
    action(cli, async (options, name = '') =>
      passThrough(cli, options, 'schedule_add', { name, enabled: true }),
    ),
  );
}
