import type { StepChange, StepIntent, StepRow } from '../steps/step-rows.ts';
import type { KnownRun } from './known-run.ts';
import type { RunEnd } from './run-rows.ts';

/** One change to a run's rows, as data: an executor may be far from the state file. */
export type LedgerOp =
  /** Before an effect. */
  | { op: 'intent'; step: StepIntent }
  | { op: 'step'; key: string; alias: string; change: StepChange }
  /** As `step`; the run waits for a person while one of its steps does. */
  | { op: 'question'; key: string; alias: string; change: StepChange }
  /** What readers in other processes see of a run under way. `progress` is JSON. */
  | { op: 'live'; progress: string | null; waitingFor: string | null; tail: string }
  /** The run takes back what it did. */
  | { op: 'compensate' }
  | { op: 'end'; end: RunEnd };

/** Changes that are decided when they are written, not when the write was asked for. */
export interface OpBatch {
  take(): readonly LedgerOp[];
  /** What was taken last was not stored. */
  undone(): void;
}

export interface ClaimKey {
  runId: string;
  epoch: number;
  /** Of the delivery and the epoch together; grows with every claim of the run. */
  fence: number;
}

/** A run that this executor has the right to write from now on. */
export interface ClaimedRun extends KnownRun {
  startedAt: number;
  cancelled: boolean;
  steps: StepRow[];
}

/** The fence is not the run's any more: another executor has it, or it has ended. */
export class Fenced extends Error {}

/** The truth about runs, as their executor sees it. */
export interface RunLedger {
  /** `elsewhere`: this executor lacks the tool; `refused`: the ticket is not of now. Nothing was changed then. */
  claim(
    key: ClaimKey,
    holds: (lane: string, tool: string) => boolean,
  ): Promise<ClaimedRun | 'elsewhere' | 'refused'>;
  /** As `claim` for a run whose row this process is committing now. */
  take(key: ClaimKey): Promise<boolean>;
  /**
   * Stores changes in the order of the calls; `durable` survives a power cut, otherwise a kill. Throws Fenced;
   * STORAGE_FULL, TIMEOUT and SERVER_UNAVAILABLE are worth another try. Returns whether locks were freed.
   */
  write(runId: string, fence: number, batch: OpBatch, options: { durable: boolean }): Promise<boolean>;
  /** The outcome of a step that another process recorded, as JSON. Absent: this executor cannot ask a person. */
  outcome?(runId: string, key: string, alias: string): string | undefined;
}
