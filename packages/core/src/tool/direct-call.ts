import type { IncomingCall } from '../endpoint.ts';
import type { CallResult } from '../ports/calls.ts';
import { becomesRun, whenAdmitted } from './admitted-call.ts';
import { runInline } from './call-inline.ts';
import { submitAsRun } from './call-run.ts';
import type { CallerOptions } from './caller.ts';
import type { CompiledTool } from './compile.ts';

/** As `Caller`, for work inside this process: the whole result or the run that was stored, and failures thrown. */
export type DirectCaller = (
  compiled: CompiledTool,
  call: IncomingCall,
  idempotencyKey?: string,
) => Promise<CallResult>;

/** Admits and audits like a front door's call. */
export function createDirectCaller(options: CallerOptions): DirectCaller {
  return (compiled, call, idempotencyKey) =>
    whenAdmitted<CallResult>(options, compiled, call, async (admitted) => {
      if (becomesRun(admitted)) {
        const { id, existing } = await submitAsRun(options, admitted, idempotencyKey);
        return { result: { runId: id, existing }, outcome: { result: 'run', runId: id } };
      }
      const result = await runInline(options, admitted, ({ output, isError }) => ({
        output: options.redactor.value(output),
        isError,
      }));
      return { result, outcome: { result: result.isError ? 'error' : 'ok' } };
    });
}
