import { type ErrorCode, FlotillaError, isFlotillaError } from '@flotilla/core';

/** How a step, or one item of it, stands in the end. */
export const STEP_STATES = [
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
  'skipped',
  'not_started',
  'interrupted',
] as const;
export type StepState = (typeof STEP_STATES)[number];

export interface StepFailure {
  code: ErrorCode;
  message: string;
  hint?: string;
  /** The tool answered, and its answer is an error. */
  answered?: boolean;
}

/** One call of a step that came to its end: what the engine records. */
export interface CallRecord {
  output: Record<string, unknown>;
  truncated: boolean;
  runId?: string;
  /** UTC epoch milliseconds, of the first time. */
  endedAt: number;
}

export interface ItemResult {
  index: number;
  alias?: string;
  value?: unknown;
  state: StepState;
  attempts: number;
  runId?: string;
  output?: Record<string, unknown>;
  truncated?: boolean;
  failure?: StepFailure;
  endedAt: number;
  undo?: { state: 'undone' | 'undo_failed' | 'not_undone'; runId?: string; failure?: StepFailure };
}

export interface StepResult {
  key: string;
  state: StepState;
  items: ItemResult[];
  /** Of the step itself, before any item: a condition without a value, an approval that was refused. */
  failure?: StepFailure;
  /** Why it did not run. */
  reason?: string;
}

export const ended = (key: string, state: StepState, more: Partial<StepResult> = {}): StepResult => ({
  key,
  state,
  items: [],
  ...more,
});

/** A failure of a call with what belongs to it, as an error that the engine records with the step. */
export function failedCall(
  error: { code: ErrorCode; message: string; hint?: string },
  record: Partial<CallRecord> & { answered?: boolean },
): FlotillaError {
  const { code, message, hint } = error;
  return new FlotillaError(code, message, { details: { record }, ...(hint !== undefined && { hint }) });
}

/** What `failedCall` put into an error, and the failure itself. */
export function readFailure(error: FlotillaError): { failure: StepFailure; record: Partial<CallRecord> } {
  const record = (error.details['record'] ?? {}) as Partial<CallRecord> & { answered?: boolean };
  const { code, message, hint } = error;
  return {
    failure: { code, message, hint, ...(record.answered && { answered: true }) },
    record,
  };
}

/** Anything thrown, as an error of the table. */
export function asError(cause: unknown): FlotillaError {
  if (isFlotillaError(cause)) return cause;
  const words = cause instanceof Error ? cause.message : String(cause);
  const known = cause instanceof Error && cause.name === 'ExpressionError';
  return known
    ? new FlotillaError('INVALID_INPUT', words)
    : new FlotillaError('INTERNAL', 'It failed unexpectedly.', { details: { cause: words }, cause });
}
