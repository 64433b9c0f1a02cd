import type { AnyTool } from '@flotilla/core';
import type { RunToolsDeps } from './deps.ts';
import { queueStats } from './queue-stats.ts';
import { taskAnswer } from './task-answer.ts';
import { taskCancel } from './task-cancel.ts';
import { taskHistory } from './task-history.ts';
import { taskOutput } from './task-output.ts';
import { taskQueue } from './task-queue.ts';
import { taskRetry } from './task-retry.ts';
import { taskStatus } from './task-status.ts';
import { taskWait } from './task-wait.ts';

export type { RunSubject, RunToolsDeps } from './deps.ts';
export type { Asking, RunsElsewhere } from './elsewhere.ts';

/** The tools that look at runs and steer them. */
export function runTools(deps: RunToolsDeps): AnyTool[] {
  return [
    taskQueue(deps),
    taskStatus(deps),
    taskWait(deps),
    taskOutput(deps),
    taskCancel(deps),
    taskAnswer(deps),
    taskHistory(deps),
    taskRetry(deps),
    queueStats(deps),
  ];
}
