import {
  type CommandStepResult,
  capText,
  FlotillaError,
  formatDuration,
  isFlotillaError,
} from '@flotilla/core';
import { z } from 'zod';

/** One row per host: what the command did there, or why it could not run. */
export const ExecRow = z.object({
  alias: z.string(),
  state: z.enum([
    'ok',
    'failed',
    'timed_out',
    'unreachable',
    'interrupted',
    'skipped',
    'cancelled',
    'planned',
  ]),
  exitCode: z.number().int().nullable().optional(),
  signal: z.string().nullable().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  truncated: z.boolean().optional().describe('Output is cut here; task_output has all of it'),
  timedOut: z.boolean().optional(),
  durationMs: z.number().optional(),
  runId: z.string().optional(),
  notes: z.array(z.string()).optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).optional(),
});
export type ExecRow = z.infer<typeof ExecRow>;

/** `streamBytes`: most of each stream that the row may carry. */
export function rowOf(
  alias: string,
  runId: string,
  result: CommandStepResult,
  streamBytes = Number.POSITIVE_INFINITY,
): ExecRow {
  const more = { more: `task_output {"id":"${runId}","alias":"${alias}"}` };
  const stdout = capText(result.stdout.text, streamBytes, more);
  const stderr = capText(result.stderr.text, streamBytes, more);
  const cut = stdout.omittedBytes + stderr.omittedBytes > 0;
  const notes = [...(result.notes ?? []), ...droppedNote(result)];
  return {
    alias,
    state: stateOf(result),
    exitCode: result.exitCode,
    ...(result.signal !== null && { signal: result.signal }),
    stdout: stdout.text,
    stderr: stderr.text,
    ...((cut || result.stdout.truncated || result.stderr.truncated) && { truncated: true }),
    ...(result.timedOut && { timedOut: true }),
    durationMs: Math.round(result.durationMs),
    runId,
    ...(notes.length > 0 && { notes }),
  };
}

const droppedNote = ({ droppedBytes }: CommandStepResult): string[] =>
  droppedBytes > 0 ? [`the host kept only the first part of the output: ${droppedBytes} bytes are lost`] : [];

function stateOf(result: CommandStepResult): ExecRow['state'] {
  if (result.timedOut) return 'timed_out';
  if (result.cancelled) return 'cancelled';
  return result.exitCode === 0 ? 'ok' : 'failed';
}

/** The row of a host on which the command did not end by itself. Defects are not rows: they are thrown on. */
export function failedRow(alias: string, runId: string, error: unknown): ExecRow {
  if (!isFlotillaError(error) || error.code === 'INTERNAL') throw error;
  const { code, message, hint } = error;
  const state = STATES[code] ?? 'failed';
  return { alias, state, runId, error: { code, message, hint } };
}

const STATES: Record<string, ExecRow['state']> = {
  CONNECTION_FAILED: 'unreachable',
  AUTH_FAILED: 'unreachable',
  HOST_KEY_MISMATCH: 'unreachable',
  INTERRUPTED: 'interrupted',
  CANCELLED: 'cancelled',
  COMMAND_TIMEOUT: 'timed_out',
};

const SAID_BYTES = 2_000;

/** A timed-out command of a single host is the failure COMMAND_TIMEOUT, with what it printed so far. */
export function commandTimeout(row: ExecRow, timeoutMs: number): FlotillaError {
  const { stdout = '', stderr = '', ...rest } = row;
  const said = capText(`${stdout}${stdout && stderr ? '\n' : ''}${stderr}`, SAID_BYTES).text;
  return new FlotillaError(
    'COMMAND_TIMEOUT',
    `The command on ${row.alias} was ended after ${formatDuration(timeoutMs)}.`,
    {
      details: { ...rest, stdout, stderr, timeoutMs, remote: said },
      hint: `Raise timeout (seconds; 0 = none), or read what it printed: task_output {"id":"${row.runId}"}.`,
    },
  );
}

export const anyFailed = (rows: readonly ExecRow[]): boolean =>
  rows.some((row) => row.state !== 'ok' && row.state !== 'planned');
