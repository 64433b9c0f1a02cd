import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { groupListCommand } from './list.ts';
import { groupRemoveCommand } from './remove.ts';
import { groupSetCommand } from './set.ts';

export function groupCommands(program: Command, cli: Cli): void {
  const group = defineGroup(program, 'group', 'Groups of hosts, addressed as group:NAME').alias('groups');
  groupListCommand(group, cli);
  groupSetCommand(group, cli);
  groupRemoveCommand(group, cli);
}
