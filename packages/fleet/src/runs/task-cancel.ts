import { type AnyTool, defineTool, isOpen } from '@flotilla/core';
import { z } from 'zod';
import type { RunToolsDeps } from './deps.ts';
import { runFor } from './run-access.ts';
import { RunDetail, runDetail } from './run-detail.ts';
import { RunId } from './run-id.ts';
import { runText } from './run-text.ts';

const SHORT_WAIT_MS = 5_000;

export function taskCancel(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  return defineTool({
    name: 'task_cancel',
    title: 'Cancel a run',
    description:
      'Stops an open run and the processes it started on its hosts (TERM, a grace period, KILL), and waits a moment for the end. ' +
      'The steps say when a host could not be reached or a process survived. What the run did before stays done.',
    effect: 'write',
    input: z.object({ id: RunId }),
    output: RunDetail,
    run: async ({ principal, signal }, { id }) => {
      runFor(deps, principal, id, 'write');
      const recorded = await deps.engine.cancel(id, principal);
      const view = isOpen(recorded.state)
        ? await deps.engine.runs.wait(id, deps.shortWaitMs ?? SHORT_WAIT_MS, { signal })
        : recorded;
      return runDetail(view, now());
    },
    text: (run) =>
      `${run.ended ? 'It has ended.' : 'The cancel is recorded and goes on by itself.'}\n${runText(run, now())}`,
  });
}
