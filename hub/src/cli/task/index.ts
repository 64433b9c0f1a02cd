import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { taskAnswerCommand } from './answer.ts';
import { taskCancelCommand } from './cancel.ts';
import { taskListCommand } from './list.ts';
import { taskOutputCommand } from './output.ts';
import { taskResolveCommand } from './resolve.ts';
import { taskRetryCommand } from './retry.ts';
import { taskShowCommand } from './show.ts';
import { taskWaitCommand } from './wait.ts';

export function taskCommands(program: Command, cli: Cli): void {
  const task = defineGroup(program, 'task', 'Runs: commands and transfers that outlive a connection').alias(
    'tasks',
  );
  taskListCommand(task, cli);
  taskShowCommand(task, cli);
  taskOutputCommand(task, cli);
  taskWaitCommand(task, cli);
  taskCancelCommand(task, cli);
  taskRetryCommand(task, cli);
  taskAnswerCommand(task, cli);
  taskResolveCommand(task, cli);
}
