import type { Effect, Principal } from '@flotilla/core';
import type { RunsEngine } from '@flotilla/jobs';

/** What a decision about a run depends on. */
export interface RunSubject {
  tool: string;
  lane: string;
  aliases: readonly string[];
}

export interface RunToolsDeps {
  engine: RunsEngine;
  /**
   * May this principal see (read) or steer (write, destroy) a run of this tool on these hosts? The same rule that
   * admits its calls. Absent: everybody may.
   */
  admits?: (principal: Principal, run: RunSubject, effect: Effect) => boolean;
  /** How long task_cancel and task_retry wait for an end that may come at once. Default 5,000. */
  shortWaitMs?: number;
  now?: () => number;
}
