import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { configPrintCommand } from './print.ts';

export function configCommands(program: Command, cli: Cli): void {
  configPrintCommand(defineGroup(program, 'config', 'Connect assistants to the hub'), cli);
}
