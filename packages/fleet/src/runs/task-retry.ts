import { type AnyTool, defineTool } from '@flotilla/core';
import { z } from 'zod';
import type { RunToolsDeps } from './deps.ts';
import { checkRepeat } from './run-access.ts';
import { RunDetail, runDetail } from './run-detail.ts';
import { RunId } from './run-id.ts';
import { runText } from './run-text.ts';

const SHORT_WAIT_MS = 5_000;

export function taskRetry(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  return defineTool({
    name: 'task_retry',
    title: 'Run an ended run again',
    description:
      'Starts a new run with the arguments of one that ended, and answers with the new one; while that is open, calling again answers with it. ' +
      'It does again whatever the first did. ' +
      'An interrupted run is refused until a person has looked at the host and resolved it.',
    effect: 'destroy',
    input: z.object({
      id: RunId,
      from: z
        .enum(['start', 'failed'])
        .default('start')
        .describe('start: everything again; failed: keep the steps that succeeded'),
    }),
    output: RunDetail.extend({ existing: z.boolean().describe('It had been started again before') }),
    run: async ({ principal, signal }, { id, from }) => {
      checkRepeat(deps, principal, id);
      const started = await deps.engine.retry(id, { from }, principal);
      const view = await deps.engine.runs.wait(started.id, deps.shortWaitMs ?? SHORT_WAIT_MS, { signal });
      return { ...runDetail(view, now()), existing: started.existing };
    },
    isError: (run) => run.isError === true,
    text: (run, { id }) =>
      `${run.existing ? `${id} had been started again before, as` : `Started ${id} again as`}\n${runText(run, now())}`,
  });
}
