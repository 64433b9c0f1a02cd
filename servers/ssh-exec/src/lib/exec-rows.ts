import { type CommandStepResult, FlotillaError, isFlotillaError } from '@flotilla/core';
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
  truncated: z.boolean().optional(),
  timedOut: z.boolean().optional(),
  durationMs: z.number().optional(),
  runId: z.string().optional(),
  notes: z.array(z.string()).optional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }).optional(),
});
export type ExecRow = z.infer<typeof ExecRow>;

export function rowOf(alias: string, runId: string, result: CommandStepResult): ExecRow {
  return {
    alias,
    state: stateOf(result),
    exitCode: result.exitCode,
    signal: result.signal,
    stdout: result.stdout.text,
    stderr: result.stderr.text,
    truncated: result.stdout.truncated || result.stderr.truncated || result.droppedBytes > 0,
    timedOut: result.timedOut,
    durationMs: result.durationMs,
    runId,
    ...(result.notes && result.notes.length > 0 && { notes: result.notes }),
  };
}

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

/** A timed-out command of a single host is the failure COMMAND_TIMEOUT, with what it printed so far. */
export function commandTimeout(row: ExecRow, timeoutMs: number): FlotillaError {
  return new FlotillaError(
    'COMMAND_TIMEOUT',
    `The command on ${row.alias} was ended after ${timeoutMs / 1000} s.`,
    {
      details: { ...row, timeoutMs },
    },
  );
}

export const anyFailed = (rows: readonly ExecRow[]): boolean =>
  rows.some((row) => row.state !== 'ok' && row.state !== 'planned');
