import {
  type CommandStepResult,
  defineTool,
  fanOutArguments,
  HostTarget,
  idempotencyKeyArgument,
  targetText,
} from '@flotilla/core';
import { z } from 'zod';
import { accepted, timeoutSeconds, workingFolder } from '../lib/exec-arguments.ts';
import { anyFailed, ExecRow } from '../lib/exec-rows.ts';
import { oneLine } from '../lib/one-line.ts';
import { renderSequence } from '../lib/render-sequence.ts';
import { runOnHosts } from '../lib/run-on-hosts.ts';
import { type StepOutput, splitSequenceOutput, withoutMarkers } from '../lib/sequence-output.ts';
import { sequenceScript } from '../lib/sequence-script.ts';

const Command = z.union([
  z.string().min(1).max(1_000_000),
  z.strictObject({
    command: z.string().min(1).max(1_000_000).describe('Shell command'),
    timeout: z.number().min(0).max(604_800).optional().describe('Seconds; default no limit of its own'),
    continueOnError: z.boolean().optional().describe('Go on after this command fails'),
  }),
]);

const SequenceStep = z.object({
  index: z.number().int(),
  command: z.string(),
  state: z.enum(['ok', 'failed', 'timed_out', 'skipped', 'not_finished']),
  exitCode: z.number().int().nullable(),
  stdout: z.string(),
  stderr: z.string(),
  cut: z.boolean().optional().describe('Output is missing here; task_output has all of it'),
});
export type SequenceStep = z.infer<typeof SequenceStep>;

const SequenceRow = ExecRow.omit({ stdout: true, stderr: true }).extend({
  steps: z.array(SequenceStep).optional(),
});
export type SequenceRow = z.infer<typeof SequenceRow>;

export const taskExecSequence = defineTool({
  name: 'task_exec_sequence',
  title: 'Run several commands in one shell',
  description:
    'Runs commands one after the other in the same shell, so that cd, export and functions persist, and answers with one result per command. ' +
    'Stops at the first command that fails unless continueOnError is set, for all or for one. ' +
    'Example: commands ["cd /srv/app", "git pull", {"command": "npm test", "timeout": 120, "continueOnError": true}].',
  effect: 'destroy',
  input: z.object({
    alias: HostTarget,
    commands: z.array(Command).min(1).max(100).describe('Commands, or {command, timeout?, continueOnError?}'),
    continueOnError: z.boolean().default(false).describe('Go on after a command fails'),
    cwd: workingFolder,
    timeout: timeoutSeconds.describe('Seconds for the whole sequence; 0 = no limit; default 300 per command'),
    ...accepted,
    ...fanOutArguments,
    idempotencyKey: idempotencyKeyArgument,
  }),
  output: z.object({ rows: z.array(SequenceRow) }),
  isError: (output) => anyFailed(output.rows),
  job: {
    timeoutMs: 0,
    summary: (input) => `${targetText(input.alias)}: ${oneLine(input.commands.map(textOf).join('; '))}`,
  },
  run: async (job, input) => {
    const marker = `--flotilla-${job.runId}`;
    const commands = input.commands.map((entry) => ({
      command: textOf(entry),
      timeoutS: typeof entry === 'string' ? 0 : (entry.timeout ?? 0),
      continueOnError:
        typeof entry === 'string' ? input.continueOnError : (entry.continueOnError ?? input.continueOnError),
    }));
    const spec = {
      command: sequenceScript(commands, marker),
      timeoutMs:
        input.timeout === undefined ? job.settings.commandTimeoutMs * commands.length : input.timeout * 1000,
      ...(input.cwd !== undefined && { cwd: input.cwd }),
    };
    const options = { ...input, said: (text: string) => withoutMarkers(text, marker) };
    const rows = await runOnHosts(job, input.alias, spec, options, (row, result): SequenceRow => {
      const steps = stepsOf(result, marker, input.commands.map(textOf));
      const { stdout: _out, stderr: _err, ...rest } = row;
      const failed = steps.some((step, index) => step.state !== 'ok' && !commands[index]?.continueOnError);
      return { ...rest, state: row.state === 'failed' && !failed ? 'ok' : row.state, steps };
    });
    return { rows };
  },
  text: (output) => renderSequence(output.rows),
});

const textOf = (entry: z.infer<typeof Command>): string =>
  typeof entry === 'string' ? entry : entry.command;

function stepsOf(result: CommandStepResult, marker: string, commands: readonly string[]): SequenceStep[] {
  const out = splitSequenceOutput(result.stdout, marker, commands.length);
  const err = splitSequenceOutput(result.stderr, marker, commands.length);
  return commands.map((command, index) => {
    const stdout = out[index];
    const stderr = err[index];
    const exitCode = stdout?.exitCode ?? stderr?.exitCode ?? null;
    return {
      index,
      command: oneLine(command),
      state: stepState(exitCode, stdout, stderr),
      exitCode,
      stdout: stdout?.text ?? '',
      stderr: stderr?.text ?? '',
      ...((stdout?.cut || stderr?.cut) && { cut: true }),
    };
  });
}

function stepState(
  exitCode: number | null,
  stdout: StepOutput | undefined,
  stderr: StepOutput | undefined,
): SequenceStep['state'] {
  if (stdout?.timedOut) return 'timed_out';
  if (exitCode !== null) return exitCode === 0 ? 'ok' : 'failed';
  return stdout?.begun || stderr?.begun ? 'not_finished' : 'skipped';
}
