import { defineTool, fanOutArguments, HostTarget, idempotencyKeyArgument, targetText } from '@flotilla/core';
import { z } from 'zod';
import {
  accepted,
  environment,
  milliseconds,
  sudo,
  timeoutSeconds,
  workingFolder,
} from '../lib/exec-arguments.ts';
import { anyFailed, ExecRow } from '../lib/exec-rows.ts';
import { oneLine } from '../lib/one-line.ts';
import { renderRows } from '../lib/render-rows.ts';
import { runOnHosts } from '../lib/run-on-hosts.ts';

export const taskExec = defineTool({
  name: 'task_exec',
  title: 'Run a command',
  description:
    'Runs a shell command on one host or on many at once and answers with exit code, stdout and stderr per host. ' +
    'It runs at most once even if a connection or this server dies; a command that takes longer answers with a run id for task_wait and task_output. ' +
    'For prompts use task_exec_interactive, for several commands in one shell task_exec_sequence, for a whole script script_run. ' +
    'Example: alias "group:web", cmd "systemctl is-active nginx".',
  effect: { max: 'destroy', of: (input) => (input.dry_run ? 'read' : 'destroy') },
  input: z.object({
    alias: HostTarget,
    cmd: z.string().min(1).max(1_000_000).describe('Shell command, as for sh -c'),
    cwd: workingFolder,
    env: environment,
    stdin: z
      .string()
      .max(8_388_608)
      .optional()
      .describe("Becomes the command's standard input; default empty"),
    sudo,
    timeout: timeoutSeconds,
    dry_run: z.boolean().default(false).describe('Only say which hosts the command would run on'),
    force: z.boolean().optional().describe('Accepted; never lifts a rule, a person decides'),
    ...accepted,
    ...fanOutArguments,
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({ rows: z.array(ExecRow), dryRun: z.boolean().optional() }),
  isError: (output) => anyFailed(output.rows),
  job: {
    timeoutMs: 0,
    summary: (input) => `${targetText(input.alias)}: ${oneLine(input.cmd)}`,
    inline: (input) => input.dry_run,
  },
  run: async (job, input) => {
    if (input.dry_run) {
      const rows = job.hosts
        .resolve(input.alias)
        .map((host) => ({ alias: host.alias, state: 'planned' as const }));
      return { dryRun: true, rows };
    }
    const spec = {
      command: input.cmd,
      timeoutMs: milliseconds(input.timeout, job.settings.commandTimeoutMs),
      ...(input.cwd !== undefined && { cwd: input.cwd }),
      ...(input.env && { env: input.env }),
      ...(input.stdin !== undefined && { stdin: input.stdin }),
      ...(input.sudo && { sudo: true }),
    };
    return { rows: await runOnHosts(job, input.alias, spec, input, (row) => row) };
  },
  text: (output, input) =>
    output.dryRun
      ? `Dry run: would run on ${output.rows.length} hosts: ${output.rows.map((row) => row.alias).join(', ')}\n${input.cmd}`
      : renderRows(output.rows),
});
