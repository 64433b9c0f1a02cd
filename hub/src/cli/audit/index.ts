import type { Command } from 'commander';
import type { Cli } from '../cli.ts';
import { defineGroup } from '../define.ts';
import { auditHeadCommand } from './head.ts';
import { auditSearchCommand } from './search.ts';
import { auditVerifyCommand } from './verify.ts';

export function auditCommands(program: Command, cli: Cli): void {
  const audit = defineGroup(program, 'audit', 'Who did what, on which host, with which result');
  auditSearchCommand(audit, cli);
  auditVerifyCommand(audit, cli);
  auditHeadCommand(audit, cli);
}
