import { FlotillaError } from '../errors.ts';
import { isOpen, type Runs } from '../ports/runs.ts';
import type { ToolAnswer } from './answer.ts';
import type { AdmittedCall, CallerOptions } from './caller.ts';
import { progressOfRun } from './progress.ts';
import { answerForRun } from './run-answer.ts';

const JOINED =
  'An identical call was under way, or used the same idempotencyKey: this is its run; nothing was started again.';

function waitLimit(options: CallerOptions, admitted: AdmittedCall): number {
  const own = admitted.compiled.tool.job?.waitMs ?? Number.POSITIVE_INFINITY;
  const deadline = admitted.call.hub?.deadline;
  const left = deadline === undefined ? Number.POSITIVE_INFINITY : Math.max(0, deadline - Date.now());
  return Math.min(options.syncWaitMs, own, left);
}

/** Stores the call as a run; nobody waits for it. `key` goes before the one among the arguments. */
export async function submitAsRun(
  options: CallerOptions,
  admitted: AdmittedCall,
  key = admitted.input['idempotencyKey'],
): Promise<{ runs: Runs; id: string; existing: boolean }> {
  const { compiled, call, principal, input, aliases } = admitted;
  const { tool } = compiled;
  const { runs } = options;
  if (runs === undefined || tool.job === undefined)
    throw new FlotillaError(
      'UNSUPPORTED',
      `${tool.name} needs durable runs, which this process does not have.`,
    );
  if (call.signal.aborted)
    throw new FlotillaError(
      'CANCELLED',
      'The client cancelled the call before it began; nothing was started.',
    );
  const locks = tool.job.locks?.(input);
  const submitted = await runs.submit({
    tool: tool.name,
    lane: compiled.lane,
    args: input,
    secretPaths: compiled.secretPaths,
    principal,
    aliases,
    summary: options.redactor.text(tool.job.summary(input)),
    ...(typeof key === 'string' && { idempotencyKey: key }),
    ...(locks !== undefined && { locks }),
  });
  return { runs, ...submitted };
}

/** Stores the call as a run, waits for it a while, and answers with its result or its handle. */
export async function callAsRun(options: CallerOptions, admitted: AdmittedCall): Promise<ToolAnswer> {
  const { compiled, call, input } = admitted;
  const { runs, id, existing } = await submitAsRun(options, admitted);
  const view = await runs
    .wait(id, waitLimit(options, admitted), {
      signal: call.signal,
      ...(call.onProgress && { onUpdate: progressOfRun(admitted.progress) }),
    })
    .catch((error: unknown) => {
      if (!call.signal.aborted) throw error;
      throw new FlotillaError('CANCELLED', `The client stopped waiting; ${id} goes on.`, {
        details: { runId: id },
        hint: `task_status {"id":"${id}"} shows it, task_cancel stops it.`,
      });
    });
  const answer = answerForRun(compiled, input, view, options);
  if (!existing || !isOpen(view.state)) return answer;
  return { ...answer, content: [{ type: 'text', text: JOINED }, ...answer.content] };
}
