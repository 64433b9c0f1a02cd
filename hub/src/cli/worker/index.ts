import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { workerListCommand } from './list.ts';
import { workerReachCommand } from './reach.ts';
import { workerRunCommand } from './run.ts';
import { tokenAddCommand } from './token-add.ts';
import { tokenListCommand } from './token-list.ts';
import { tokenRevokeCommand } from './token-revoke.ts';

export function workerCommands(program: Command, cli: Cli): void {
  const worker = workerRunCommand(program, cli);
  workerListCommand(worker, cli);
  workerReachCommand(worker, cli);
  const token = defineGroup(worker, 'token', 'Tokens that workers show this hub').alias('tokens');
  tokenAddCommand(token, cli);
  tokenListCommand(token, cli);
  tokenRevokeCommand(token, cli);
}
