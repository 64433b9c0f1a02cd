import type { Failure } from '../errors.ts';
import type { Principal } from '../principal.ts';
import type { Question } from './commands.ts';
import type { Progress } from './steps.ts';

/** The eleven states of a run (and of a step). */
export const RUN_STATES = [
  'scheduled',
  'queued',
  'running',
  'waiting',
  'cancelling',
  'compensating',
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'interrupted',
] as const;
export type RunState = (typeof RUN_STATES)[number];
export const OPEN_STATES: readonly RunState[] = [
  'scheduled',
  'queued',
  'running',
  'waiting',
  'cancelling',
  'compensating',
];
export const isOpen = (state: RunState): boolean => OPEN_STATES.includes(state);

/** A call of a job tool, validated and admitted, that is to become a run. */
export interface RunRequest {
  tool: string;
  /** Lane = name of the server that holds the tool. */
  lane: string;
  /** Validated input. Fields under `secretPaths` (dotted) are stored encrypted. */
  args: Record<string, unknown>;
  secretPaths: readonly string[];
  principal: Principal;
  /** Aliases the call acts on, for status, history and locks. */
  aliases: readonly string[];
  /** One line for lists, without secrets: the command, or what is transferred. */
  summary: string;
  idempotencyKey?: string;
  /** Locks that this run holds while it is open, e.g. `apt:web1`. */
  locks?: readonly string[];
  /** Shown in task_status as the run that this one repeats. */
  retryOf?: string;
}

export interface StepView {
  key: string;
  alias?: string;
  kind: 'command' | 'repeatable' | 'once';
  state: RunState;
  attempt: number;
  exitCode?: number | null;
  signal?: string | null;
  startedAt?: number;
  /** Of a command: its host has confirmed that it was started. */
  confirmed?: boolean;
  endedAt?: number;
  question?: Question;
  failure?: Failure;
  note?: string;
}

/** A run as every reader sees it. Times are UTC epoch milliseconds. */
export interface RunView {
  id: string;
  tool: string;
  lane: string;
  state: RunState;
  summary: string;
  principal: string;
  aliases: string[];
  createdAt: number;
  startedAt?: number;
  endedAt?: number;
  progress?: Progress;
  /** Why an open run is not running, e.g. "waiting for lock apt:web1 held by run_…". */
  waitingFor?: string;
  steps: StepView[];
  /** The tool's validated output, once the handler returned. `isError` as the tool declared it. */
  output?: Record<string, unknown>;
  isError?: boolean;
  failure?: Failure;
  /** Last lines of output, text of remote hosts. */
  tail: string;
  retryOf?: string;
}

export interface RunUpdate {
  progress?: Progress;
  state: RunState;
  tail?: string;
}

/** What core needs of the runs engine. */
export interface Runs {
  /**
   * Stores the run; when this resolves it survives a kill. QUEUE_FULL, STORAGE_FULL, INVALID_INPUT.
   * `existing`: an identical call (same idempotency key, or the same tool and arguments in flight by the same
   * principal) returned its run instead.
   */
  submit(request: RunRequest): Promise<{ id: string; existing: boolean }>;
  /** Resolves when the run ended, asks a question, or after `waitMs`, whichever comes first. NOT_FOUND. */
  wait(
    id: string,
    waitMs: number,
    options?: { signal?: AbortSignal; onUpdate?(update: RunUpdate): void },
  ): Promise<RunView>;
}
