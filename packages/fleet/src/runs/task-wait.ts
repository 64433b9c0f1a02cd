import { type AnyTool, defineTool, progressOfRun } from '@flotilla/core';
import { z } from 'zod';
import type { RunToolsDeps } from './deps.ts';
import { runFor } from './run-access.ts';
import { RunDetail, runDetail } from './run-detail.ts';
import { RunId } from './run-id.ts';
import { runText } from './run-text.ts';

export function taskWait(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  return defineTool({
    name: 'task_wait',
    title: 'Wait for a run',
    description:
      'Waits until a run ends, asks a question, or the seconds are over, and then answers like task_status. ' +
      'It never stops the run; call it again to go on waiting.',
    effect: 'read',
    openWorld: false,
    input: z.object({
      id: RunId,
      seconds: z
        .number()
        .min(0)
        .max(45)
        .default(30)
        .describe('Longest wait in seconds, 0–45; the setting MCP_MAX_WAIT_TIMEOUT_S can shorten it'),
    }),
    output: RunDetail,
    run: async ({ principal, signal, progress, settings }, { id, seconds }) => {
      runFor(deps, principal, id, 'read');
      const view = await deps.engine.runs.wait(id, Math.min(seconds * 1000, settings.maxWaitMs), {
        signal,
        onUpdate: progressOfRun(progress),
      });
      return runDetail(view, now());
    },
    text: (run) => runText(run, now()),
  });
}
