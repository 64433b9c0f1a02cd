import { defineTool, fanOutArguments, HostTarget, idempotencyKeyArgument, targetText } from '@flotilla/core';
import { z } from 'zod';
import { environment, milliseconds, sudo, timeoutSeconds, workingFolder } from '../lib/exec-arguments.ts';
import { anyFailed, ExecRow } from '../lib/exec-rows.ts';
import { oneLine } from '../lib/one-line.ts';
import { renderRows } from '../lib/render-rows.ts';
import { runOnHosts } from '../lib/run-on-hosts.ts';

export const scriptRun = defineTool({
  name: 'script_run',
  title: 'Run a script',
  description:
    'Runs a whole script with an interpreter on one host or many; nothing has to be quoted or copied first. ' +
    'Use it for anything longer than one line or in another language; task_exec is for single commands. ' +
    'Same guarantees and answer as task_exec. Example: interpreter "python3", script "print(1)".',
  effect: 'destroy',
  input: z.object({
    alias: HostTarget,
    script: z.string().min(1).max(1_000_000).describe('Text of the script'),
    interpreter: z
      .string()
      .regex(
        /^[A-Za-z0-9_./+][A-Za-z0-9_./+-]*( -[A-Za-z0-9_.=-]+)*$/,
        'a program name or path, optionally with short options',
      )
      .max(200)
      .default('sh')
      .describe('Program that runs the script, e.g. sh, bash, "bash -e", python3'),
    cwd: workingFolder,
    env: environment,
    sudo,
    timeout: timeoutSeconds,
    ...fanOutArguments,
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({ rows: z.array(ExecRow) }),
  isError: (output) => anyFailed(output.rows),
  job: {
    timeoutMs: 0,
    summary: (input) => `${targetText(input.alias)}: ${input.interpreter} script: ${oneLine(input.script)}`,
  },
  run: async (job, input) => {
    const spec = {
      command: input.script,
      interpreter: input.interpreter,
      timeoutMs: milliseconds(input.timeout, job.settings.commandTimeoutMs),
      ...(input.cwd !== undefined && { cwd: input.cwd }),
      ...(input.env && { env: input.env }),
      ...(input.sudo && { sudo: true }),
    };
    return { rows: await runOnHosts(job, input.alias, spec, input, (row) => row) };
  },
  text: (output) => renderRows(output.rows),
});
