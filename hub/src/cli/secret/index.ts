import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { secretListCommand } from './list.ts';
import { secretRemoveCommand } from './remove.ts';
import { secretSetCommand } from './set.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how the config names a secret
const SUMMARY = 'Secrets that the config names as ${vault:NAME}, kept encrypted';

export function secretCommands(program: Command, cli: Cli): void {
  const secret = defineGroup(program, 'secret', SUMMARY).alias('secrets');
  secretSetCommand(secret, cli);
  secretListCommand(secret, cli);
  secretRemoveCommand(secret, cli);
}
