import {
  type AdmittedCall,
  type Elsewhere,
  FlotillaError,
  type HandlerResult,
  type ToolAnswer,
} from '@flotilla/core';
import type { CallLeases } from '@flotilla/workers';
import { failureOfAnswer } from '../failure-of-answer.ts';
import type { Backend } from './backend.ts';

/** Calls of one of our servers that its worker carries out: each goes with the lease of its hosts. */
export function forwardTo(backend: Backend, leases: CallLeases): Elsewhere {
  return async ({ compiled, call, principal, aliases, progress }: AdmittedCall, signal) => {
    const { tool, lane, gateTool, published } = compiled;
    const answer = await backend.call({
      name: tool.name,
      args: call.args,
      principal,
      signal,
      onProgress: progress,
      tool: { published, gateTool, remoteName: tool.name },
      hubCall: { principal, lease: leases.issue(lane, aliases) },
    });
    return resultOf(answer);
  };
}

/** Throws the failure that an answer carries. */
function resultOf(answer: ToolAnswer): HandlerResult {
  const output = answer.structuredContent as Record<string, unknown> | undefined;
  if (output === undefined) throw new FlotillaError('INTERNAL', 'The worker answered without an output.');
  const failure = failureOfAnswer(answer);
  if (failure) throw failure;
  return { output, isError: answer.isError === true };
}
