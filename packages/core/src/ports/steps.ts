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
  /** What the step waits for a person to do; the run waits meanwhile. Undefined: it goes on. */
  waiting(reason: string | undefined): void;
}

/** What a person is asked before a run goes on. */
export interface ApprovalRequest {
  /** What would be done. Text of hosts in it is fenced. */
  prompt: string;
  /** Of what would be done: an approval counts for nothing else. */
  digest: string;
  /** Milliseconds from the first asking; nobody can answer later. */
  expiresMs: number;
}

export interface Approval {
  /** Principal of the person. */
  by: string;
  /** UTC epoch milliseconds. */
  at: number;
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
  /**
   * Waits for a person to allow what comes next; no assistant can. Throws DENIED when it was refused, TIMEOUT when
   * nobody answered in time, CONFLICT when something else was approved than what `digest` stands for now.
   */
  approval(key: string, request: ApprovalRequest): Promise<Approval>;
  /** From now on the run takes back what it did: its state is `compensating`. */
  compensate(): void;
}
