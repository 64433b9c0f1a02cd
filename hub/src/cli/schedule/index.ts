import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { scheduleAddCommand } from './add.ts';
import { scheduleListCommand } from './list.ts';
import { schedulePauseCommands } from './pause.ts';
import { scheduleRemoveCommand } from './remove.ts';
import { scheduleRunCommand } from './run.ts';
import { scheduleShowCommand } from './show.ts';

export function scheduleCommands(program: Command, cli: Cli): void {
  const schedule = defineGroup(program, 'schedule', 'Calls of tools at times to come').alias('schedules');
  scheduleAddCommand(schedule, cli);
  scheduleListCommand(schedule, cli);
  scheduleShowCommand(schedule, cli);
  scheduleRunCommand(schedule, cli);
  schedulePauseCommands(schedule, cli);
  scheduleRemoveCommand(schedule, cli);
}
