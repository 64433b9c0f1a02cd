import { isFlotillaError, type ToolContext } from '@flotilla/core';
import { z } from 'zod';

/** Why a host could not be used; words of Flotilla, never of the host. */
export const HostFailure = z.object({ code: z.string(), message: z.string(), hint: z.string() });
export type HostFailure = z.infer<typeof HostFailure>;

/** One failing host must not fail the others: what was not expected is logged and said to be INTERNAL. */
export function hostFailure(context: ToolContext, alias: string, error: unknown): HostFailure {
  if (isFlotillaError(error)) return { code: error.code, message: error.message, hint: error.hint };
  context.log.error({ err: error, alias }, 'a host could not be asked');
  return {
    code: 'INTERNAL',
    message: `Asking ${alias} failed unexpectedly.`,
    hint: 'This is a defect of Flotilla. The log has the details: task_logs.',
  };
}
