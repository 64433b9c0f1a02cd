import { type AnyTool, defineTool } from '@flotilla/core';
import { z } from 'zod';
import type { RunToolsDeps } from './deps.ts';
import { runFor } from './run-access.ts';
import { RunDetail, runDetail } from './run-detail.ts';
import { RunId } from './run-id.ts';
import { runText } from './run-text.ts';

export function taskStatus(deps: RunToolsDeps): AnyTool {
  const now = deps.now ?? Date.now;
  return defineTool({
    name: 'task_status',
    title: 'Status of a run',
    description:
      'Shows one run now: state, steps with exit codes, progress, the last lines of output and what to do next. ' +
      'To wait for its end use task_wait, to read all it printed task_output.',
    effect: 'read',
    openWorld: false,
    input: z.object({ id: RunId }),
    output: RunDetail,
    run: async ({ principal }, { id }) => runDetail(runFor(deps, principal, id, 'read'), now()),
    text: (run) => runText(run, now()),
  });
}
