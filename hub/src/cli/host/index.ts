import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { hostAddCommand } from './add.ts';
import { hostImportCommand } from './import.ts';
import { hostListCommand } from './list.ts';
import { hostRemoveCommand } from './remove.ts';
import { hostShowCommand } from './show.ts';
import { hostTestCommand } from './test.ts';
import { hostTrustCommand } from './trust.ts';

export function hostCommands(program: Command, cli: Cli): void {
  const host = defineGroup(program, 'host', 'The registered hosts').alias('hosts');
  hostAddCommand(host, cli);
  hostImportCommand(host, cli);
  hostListCommand(host, cli);
  hostShowCommand(host, cli);
  hostTestCommand(host, cli);
  hostTrustCommand(host, cli);
  hostRemoveCommand(host, cli);
}
