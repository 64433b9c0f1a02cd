import type {
  Cipher,
  CommandRunner,
  Logger,
  Principal,
  Progress,
  Redactor,
  RetryPolicy,
  Steps,
} from '@flotilla/core';
import type { StateStore } from '@flotilla/store';
import type { Changes } from './changes.ts';
import type { TicketDriver } from './driver/port.ts';
import type { Outputs } from './output/outputs.ts';
import type { RunLedger } from './run/ledger.ts';
import type { RunSession } from './run/session.ts';
import type { Digests } from './store/digest.ts';
import type { ForeignWatch } from './store/foreign-watch.ts';

export interface RunLimits {
  /** Open runs; QUEUE_FULL beyond. History never counts. */
  maxOpenRuns: number;
  /** Ended runs are removed after this time, or when there are more than `maxRuns`. */
  retentionMs: number;
  maxRuns: number;
  /** Output files are removed after this time, or, oldest first, when they exceed `outputBytes`. */
  outputRetentionMs: number;
  outputBytes: number;
  /** Runs of one lane that this process executes at once. */
  concurrency: number;
  /** Head and tail of a stream that a handler sees, bytes. */
  capturedBytes: number;
  /** Silence of a process after which others adopt its runs. */
  leaseMs: number;
  /** A command whose start the host never confirmed is not started any more after this time. */
  intentMs: number;
  /** An unanswered question stops its command after this time. */
  questionMs: number;
}

export const DEFAULT_LIMITS: RunLimits = {
  maxOpenRuns: 1000,
  retentionMs: 31 * 24 * 3600_000,
  maxRuns: 10_000,
  outputRetentionMs: 7 * 24 * 3600_000,
  outputBytes: 1024 ** 3,
  concurrency: 512,
  capturedBytes: 65_536,
  leaseMs: 10_000,
  intentMs: 600_000,
  questionMs: 24 * 3600_000,
};

/** What a job tool's handler gets from the engine. */
export interface Job {
  runId: string;
  step: Steps;
  /** Aborted by cancel, by the run's time limit, and when the run goes to another process. */
  signal: AbortSignal;
  progress(update: Progress): void;
  log: Logger;
  principal: Principal;
}

/** A job tool as the engine needs it. Parsing arguments and validating the output are the caller's. */
export interface JobHandler {
  lane: string;
  tool: string;
  /** Time limit of the whole run, 0 = none. */
  timeoutMs: number;
  /** Default for steps without their own. */
  retry?: RetryPolicy;
  isError?(output: Record<string, unknown>): boolean;
  run(job: Job, args: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** What executing runs takes; where their truth is kept is behind the ledger. */
export interface ExecutorParts {
  readonly ledger: RunLedger;
  readonly outputs: Outputs;
  readonly runner: CommandRunner;
  readonly redactor: Redactor | undefined;
  readonly log: Logger;
  readonly limits: RunLimits;
  readonly now: () => number;
  readonly driver: TicketDriver;
  readonly changes: Changes;
  readonly handlers: Map<string, JobHandler>;
  /** Runs that this process executes now, by id. */
  readonly sessions: Map<string, RunSession>;
}

/** What the parts of the engine share. */
export interface EngineParts extends ExecutorParts {
  readonly store: StateStore;
  readonly cipher: Cipher;
  readonly outputDir: string;
  readonly watch: ForeignWatch;
  readonly digests: Digests;
}

export const handlerKey = (lane: string, tool: string): string => `${lane}/${tool}`;
