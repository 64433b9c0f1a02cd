import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { pipelineApproveCommand } from './approve.ts';
import { pipelinePlanCommand } from './plan.ts';
import { pipelineRunCommand, pipelineWatchCommand } from './run.ts';
import { savedPipelineCommands } from './saved.ts';

export function pipelineCommands(program: Command, cli: Cli): void {
  const group = defineGroup(program, 'pipeline', 'Steps of many tools as one durable run').alias('pipelines');
  pipelinePlanCommand(group, cli);
  pipelineRunCommand(group, cli);
  pipelineWatchCommand(group, cli);
  pipelineApproveCommand(group, cli);
  savedPipelineCommands(group, cli);
}
