import type { CommandOutcome, CommandSpec } from './commands.ts';

/** Output of a stream as a handler sees it: head and tail of a long one. The whole is kept by the run. */
export interface CapturedOutput {
  text: string;
  bytes: number;
  truncated: boolean;
}

export interface CommandStepResult extends CommandOutcome {
  stdout: CapturedOutput;
  stderr: CapturedOutput;
}

/** Retries by the engine: only failures whose code is listed, before any effect happened. */
export interface RetryPolicy {
  /** All attempts, the first included. */
  maxAttempts: number;
  backoffMs: number;
  maxBackoffMs?: number;
  /** Default: CONNECTION_FAILED, TIMEOUT, SERVER_UNAVAILABLE. */
  on?: readonly string[];
}

export interface StepOptions {
  /** Host that the step acts on; shown in status, history and logs, and part of the step's identity. */
  alias?: string;
  retry?: RetryPolicy;
}

export interface StepContext {
  signal: AbortSignal;
  /** 1 for the first attempt. A repeatable step that was cut off by a crash starts again with a higher number. */
  attempt: number;
  progress(update: Progress): void;
}

export interface Progress {
  progress: number;
  total?: number;
  message?: string;
}

/**
 * The only way a job tool's handler reaches the world. A handler may be replayed from the top after a
 * crash: a step that ended returns its recorded outcome, one that was under way is attached to.
 * Keys are unique within a run (per alias) and the same on every replay: [a-z0-9_.-], at most 40 characters.
 */
export interface Steps {
  /**
   * A detached command: started at most once. Throws FlotillaError: INTERRUPTED when its outcome cannot be
   * known, CANCELLED, RETRY_LIMIT_EXCEEDED, CONNECTION_FAILED, AUTH_FAILED, HOST_KEY_MISMATCH.
   * A non-zero exit code and a timeout are results.
   */
  command(
    key: string,
    alias: string,
    spec: CommandSpec,
    options?: Omit<StepOptions, 'alias'>,
  ): Promise<CommandStepResult>;
  /** Safe to run again: reads, calls with idempotency keys, transfers that resume. The result is recorded as JSON. */
  repeatable<T>(key: string, run: (context: StepContext) => Promise<T>, options?: StepOptions): Promise<T>;
  /** Must not run twice and has no runner: a crash in the middle leaves the run `interrupted`. */
  once<T>(key: string, run: (context: StepContext) => Promise<T>, options?: StepOptions): Promise<T>;
}
