import type { Effect, FlotillaError, Principal } from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';
import type { RunsElsewhere } from './elsewhere.ts';

/** What a decision about a run depends on. */
export interface RunSubject {
  tool: string;
  lane: string;
  aliases: readonly string[];
  /** The arguments it is to be started with, secrets hidden; absent when nothing is started. */
  args?: Record<string, unknown>;
}

export interface RunToolsDeps {
  engine: RunsEngine;
  /**
   * May this principal see (read) or steer (write, destroy) a run of this tool on these hosts? The same rule that
   * admits its calls: the refusal, or undefined. Absent: everybody may.
   */
  admits?: (principal: Principal, run: RunSubject, effect: Effect) => FlotillaError | undefined;
  /** Servers with runs of their own that the lists are to include; asked for with every call. */
  elsewhere?: () => readonly RunsElsewhere[];
  /** How long a list waits for them. Default 1,500. */
  mountWaitMs?: number;
  /** Default of the argument `compact`. Default true. */
  compact?: boolean;
  /** How long task_cancel and task_retry wait for an end that may come at once. Default 5,000. */
  shortWaitMs?: number;
  now?: () => number;
}
