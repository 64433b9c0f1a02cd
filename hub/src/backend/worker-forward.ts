import {
  aliasesOf,
  ERROR_CODES,
  type Failure,
  FlotillaError,
  type ToolAnswer,
  type ToolContext,
} from '@flotilla/core';
import type { Forward } from '@flotilla/runtime';
import type { CallLeases } from '@flotilla/workers';
import type { Backend } from './backend.ts';

/** Calls of one of our servers that its worker carries out: each goes with the lease of its hosts. */
export function forwardTo(backend: Backend, leases: CallLeases): Forward {
  return async (compiled, context: ToolContext, input) => {
    const { tool, lane, gateTool, published } = compiled;
    const { principal, signal, progress } = context;
    const lease = leases.issue(lane, aliasesOf(tool, input));
    const answer = await backend.call({
      name: tool.name,
      args: input,
      principal,
      signal,
      onProgress: progress,
      tool: { published, gateTool, remoteName: tool.name },
      hubCall: { principal, lease },
    });
    return outputOf(answer);
  };
}

/** Throws the failure that an answer carries. */
function outputOf(answer: ToolAnswer): Record<string, unknown> {
  const output = answer.structuredContent as Record<string, unknown> | undefined;
  if (output === undefined) throw new FlotillaError('INTERNAL', 'The worker answered without an output.');
  const failure = output as unknown as Failure;
  if (answer.isError !== true || failure.error !== true) return output;
  const code = ERROR_CODES.find((one) => one === failure.code) ?? 'INTERNAL';
  throw new FlotillaError(code, failure.message, { details: failure.details, hint: failure.hint });
}
