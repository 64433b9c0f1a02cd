import { defineTool, HostAlias, idempotencyKeyArgument } from '@flotilla/core';
import { z } from 'zod';
import {
  accepted,
  environment,
  milliseconds,
  sudo,
  timeoutSeconds,
  workingFolder,
} from '../lib/exec-arguments.ts';
import { anyFailed, commandTimeout, ExecRow, rowOf } from '../lib/exec-rows.ts';
import { oneLine } from '../lib/one-line.ts';
import { renderRows } from '../lib/render-rows.ts';

export const taskExecInteractive = defineTool({
  name: 'task_exec_interactive',
  title: 'Run a command that asks questions',
  description:
    'Runs a command on a terminal and answers its prompts: well-known package-manager ones by itself, others from `responses`. ' +
    'An unknown prompt makes the run wait for task_answer instead of hanging; passwords and SSH host-key questions are never answered for you. ' +
    'The answer has the exit code of the command. Example: responses {"Which database?": "postgres", "/version \\\\d+/": "2"}.',
  effect: 'destroy',
  input: z.object({
    alias: HostAlias,
    cmd: z.string().min(1).max(1_000_000).describe('Shell command'),
    interactive: z.boolean().default(true).describe('Run on a terminal; false runs it without one'),
    autoRespond: z.boolean().default(true).describe('Answer well-known package-manager prompts'),
    responses: z
      .record(z.string().min(1).max(500), z.string().max(10_000))
      .default({})
      .describe('Prompt text, or /regular expression/, and its answer'),
    cwd: workingFolder,
    env: environment,
    sudo,
    timeout: timeoutSeconds.describe(
      'Seconds, not counting the wait for an answer; 0 = no limit; default 120',
    ),
    ...accepted,
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({ rows: z.array(ExecRow) }),
  isError: (output) => anyFailed(output.rows),
  job: { timeoutMs: 0, summary: (input) => `${input.alias}: ${oneLine(input.cmd)} (interactive)` },
  run: async (job, input) => {
    const timeoutMs = milliseconds(input.timeout, job.settings.interactiveTimeoutMs);
    const result = await job.step.command('cmd', input.alias, {
      command: input.cmd,
      timeoutMs,
      ...(input.interactive && { pty: { autoRespond: input.autoRespond, responses: input.responses } }),
      ...(input.cwd !== undefined && { cwd: input.cwd }),
      ...(input.env && { env: input.env }),
      ...(input.sudo && { sudo: true }),
    });
    const row = rowOf(input.alias, job.runId, result);
    if (row.timedOut) throw commandTimeout(row, timeoutMs);
    return { rows: [row] };
  },
  text: (output) => renderRows(output.rows),
});
