import { FlotillaError } from '../errors.ts';
import type { Steps } from '../ports/steps.ts';
import type { ToolAnswer } from './answer.ts';
import type { AdmittedCall, CallerOptions } from './caller.ts';
import type { JobContext } from './context.ts';
import { type HandlerResult, runHandler } from './handler.ts';
import { outputAnswer } from './run-answer.ts';
import { withImages } from './with-images.ts';

const DEFAULT_TIMEOUT_MS = 300_000;

const refuseStep = (): never => {
  throw new FlotillaError('INTERNAL', 'A call that is answered inline tried to take a step.');
};
const NO_STEPS: Steps = {
  command: refuseStep,
  repeatable: refuseStep,
  once: refuseStep,
  approval: refuseStep,
  compensate: refuseStep,
};

/** The time that a call may take: its own limit, or what the hub left of its deadline. */
function timeLimit(options: CallerOptions, deadline: number | undefined): number {
  const limit = options.inlineTimeoutMs ?? DEFAULT_TIMEOUT_MS;
  return deadline === undefined ? limit : Math.max(1, Math.min(limit, deadline - Date.now()));
}

/** Runs the handler here and now. A handler that ignores its signal is left behind, not waited for. */
export function callInline(options: CallerOptions, admitted: AdmittedCall): Promise<ToolAnswer> {
  const { compiled, input, log } = admitted;
  return runInline(options, admitted, (result) =>
    withImages(compiled.tool, input, outputAnswer(compiled, input, result, options), log),
  );
}

/** As `callInline`, for `shape` to make of the result what is needed, within the same time limit. */
export async function runInline<T>(
  options: CallerOptions,
  admitted: AdmittedCall,
  shape: (result: HandlerResult) => T | Promise<T>,
): Promise<T> {
  const { compiled, call, principal, input, progress, log } = admitted;
  const limitMs = timeLimit(options, call.hub?.deadline);
  const ending = new AbortController();
  const base = options.context({ compiled, principal, signal: ending.signal, progress, log });
  const context: JobContext = { ...base, step: NO_STEPS, runId: '' };
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (error: FlotillaError) => {
      reject(error);
      ending.abort(error);
    };
    onAbort = () => end(new FlotillaError('CANCELLED', 'The call was cancelled by the client.'));
    if (call.signal.aborted) onAbort();
    else call.signal.addEventListener('abort', onAbort, { once: true });
    timer = setTimeout(
      () => end(new FlotillaError('TIMEOUT', `${compiled.tool.name} took longer than ${limitMs} ms.`)),
      limitMs,
    );
  });
  ended.catch(() => {});
  try {
    call.signal.throwIfAborted();
    const elsewhere = options.elsewhere?.(compiled);
    const work = elsewhere ? elsewhere(admitted, ending.signal) : runHandler(compiled, context, input);
    const result = await Promise.race([ended, work]);
    return await Promise.race([ended, shape(result)]);
  } catch (error) {
    if (ending.signal.aborted) throw ending.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) call.signal.removeEventListener('abort', onAbort);
  }
}
