import {
  type CommandSpec,
  type CommandStepResult,
  forEachHost,
  type JobContext,
  type Target,
} from '@flotilla/core';
import { commandTimeout, type ExecRow, failedRow, rowOf } from './exec-rows.ts';

export interface FanOutOptions {
  maxParallel?: number | undefined;
  stopAfterFailures?: number | undefined;
  /** The output of a command that was cut off, as it is shown. */
  said?: (text: string) => string;
}

/** Bytes of output that the rows of a structured answer share; the run keeps all of it. */
const ANSWER_BYTES = 128 * 1024;
const MIN_STREAM_BYTES = 400;

/** A row of a tool that shows the command's result in its own way. */
export type ShapeRow<Row> = (row: ExecRow, result: CommandStepResult) => Row;

/**
 * Runs one command on every host of a target, one durable step each. A single named host fails as a whole
 * (its error is the answer); of several, each has its row.
 */
export async function runOnHosts<Row extends { state: ExecRow['state'] }>(
  job: JobContext,
  target: Target,
  spec: CommandSpec,
  options: FanOutOptions,
  shape: ShapeRow<Row>,
): Promise<(Row | Omit<ExecRow, 'stdout' | 'stderr'>)[]> {
  const aliases = job.hosts.resolve(target).map((host) => host.alias);
  if (typeof target === 'string' && aliases.length === 1 && aliases[0] === target) {
    const result = await job.step.command('cmd', target, spec);
    const row = rowOf(target, job.runId, result);
    if (row.timedOut) throw commandTimeout(saidRow(row, options.said), spec.timeoutMs ?? 0);
    return [shape(row, result)];
  }
  const streamBytes = Math.max(MIN_STREAM_BYTES, Math.floor(ANSWER_BYTES / Math.max(1, aliases.length)));
  const limits = {
    maxParallel: options.maxParallel,
    stopAfterFailures: options.stopAfterFailures,
    failed: (row: Row) => row.state !== 'ok',
    signal: job.signal,
  };
  const outcomes = await forEachHost(aliases, limits, async (alias) => {
    const result = await job.step.command('cmd', alias, spec);
    return shape(rowOf(alias, job.runId, result, streamBytes), result);
  });
  return outcomes.map((outcome) => {
    if (outcome.value) return outcome.value;
    if (outcome.error !== undefined) return failedRow(outcome.alias, job.runId, outcome.error);
    return {
      alias: outcome.alias,
      state: outcome.state === 'skipped' ? 'skipped' : 'cancelled',
      runId: job.runId,
    };
  });
}

const saidRow = (row: ExecRow, said: FanOutOptions['said']): ExecRow =>
  said ? { ...row, stdout: said(row.stdout ?? ''), stderr: said(row.stderr ?? '') } : row;
